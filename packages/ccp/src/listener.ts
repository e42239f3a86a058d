import {
  controlRequest,
  IncomingTable,
  type LearnedRoute,
  NO_TABLE,
  type RouteChanges,
  type RouteControl,
  type RouteUpdate,
} from '@ilp/ccp-packet'
import { isFulfill, type Prepare, type Reply } from '@ilp/service-core'
import { type CcpOptions, HOLD_DOWN_INTERVALS, HOLD_DOWN_MAX_MS } from './options.js'
import { WakeUp } from './wake-up.js'

/** After so many broadcast intervals in which nothing was heard, the peer is asked again: it may have lost the wish. */
const ASK_AGAIN_INTERVALS = 1.25
/** The longest pause before a peer that says no is asked again, in broadcast intervals. */
const REFUSED_INTERVALS_MAX = 20

export interface ListenerDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Sends a request to the peer; never rejects. Undefined when the chain failed. */
  readonly send: (prepare: Prepare) => Promise<Reply | undefined>
  readonly isAcceptable: (route: LearnedRoute & { readonly prefix: string }) => boolean
  /** The peer speaks under another address than before, or tells another table. */
  readonly changed: () => void
  /** Nothing was heard of the peer for as long as its routes hold. */
  readonly silent: (gone: RouteChanges) => void
}

/** Asks one peer for its routes, keeps what it tells, and drops it when the peer goes silent. */
export class Listener {
  readonly #deps: ListenerDeps
  readonly #options: CcpOptions
  #table: IncomingTable
  readonly #wakeUp = new WakeUp(() => this.#turn())
  readonly #holdDown = new WakeUp(() => this.#holdDownPassed())
  #isStopped = false
  #isSending = false
  #failures = 0
  #isRefused = false
  /** Whether the peer has to be asked, whatever was heard of it. */
  #isLost = true
  #askedMs = Number.NEGATIVE_INFINITY
  #heardMs = Number.NEGATIVE_INFINITY
  #heldUntilMs = Number.NEGATIVE_INFINITY
  #isSilent = false
  /** Who has told the routes, and as which table. */
  #teller = ''
  /** Whether the peer is asked at all: some are only when they have shown that they speak the protocol. */
  #isAsking: boolean

  constructor(deps: ListenerDeps, options: CcpOptions, isAsking: boolean) {
    this.#deps = deps
    this.#options = options
    this.#table = this.#empty()
    this.#isAsking = isAsking
    this.#schedule()
  }

  /** Whether the peer was heard, and is no more. */
  get isSilent(): boolean {
    return this.#isSilent
  }

  /** Whether the peer is asked for its routes. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** The prefixes of all routes that the peer has told. */
  prefixes(): Iterable<string> {
    return this.#table.prefixes()
  }

  /** Asks anew: the link has come up. */
  ask(): void {
    this.#isLost = true
    this.#failures = 0
    this.#schedule()
  }

  /** The peer has asked for this node's routes: it is there, and if it knows nothing, it has started just now. */
  asked({ tableId }: Pick<RouteControl, 'tableId'>): void {
    this.#isAsking = true
    if (tableId === NO_TABLE || this.#failures > 0) this.ask()
    else this.#schedule()
  }

  /** Takes an update; undefined when an earlier one is missing, which the peer is asked for. */
  heard(update: RouteUpdate): RouteChanges | undefined {
    const changes = this.#table.apply(update, this.#deps.isAcceptable)
    this.#isAsking = true
    this.#isLost = changes === undefined
    this.#isSilent = false
    this.#failures = 0
    this.#heardMs = performance.now()
    const leastMs = HOLD_DOWN_INTERVALS * this.#options.routeBroadcastIntervalMs
    const mostMs = Math.max(leastMs, HOLD_DOWN_MAX_MS)
    this.#heldUntilMs = this.#heardMs + Math.min(Math.max(update.holdDownMs, leastMs), mostMs)
    this.#holdDown.at(this.#heldUntilMs)
    this.#schedule()
    const teller = `${update.tableId} ${update.speaker}`
    if (teller !== this.#teller) this.#deps.changed()
    this.#teller = teller
    return changes
  }

  /** This node's address is another one: drops what is not acceptable any more, and has all told again. */
  restart(): RouteChanges {
    this.#table.restart()
    this.ask()
    return this.#table.review(this.#deps.isAcceptable)
  }

  stop(): void {
    this.#isStopped = true
    this.#wakeUp.clear()
    this.#holdDown.clear()
  }

  #empty(): IncomingTable {
    return new IncomingTable({ routesMax: this.#options.routesPerPeerMax })
  }

  #isIdle(): boolean {
    return this.#isStopped || this.#isSending || !this.#isAsking || this.#deps.address() === ''
  }

  #dueMs(): number {
    const { routeBroadcastIntervalMs, updateIntervalMs } = this.#options
    if (this.#failures > 0) {
      const intervals = this.#isRefused ? REFUSED_INTERVALS_MAX : 1
      const pauseMs = updateIntervalMs * 2 ** this.#failures
      return this.#askedMs + Math.min(routeBroadcastIntervalMs * intervals, pauseMs)
    }
    if (this.#isLost) return this.#askedMs + updateIntervalMs
    return Math.max(this.#askedMs, this.#heardMs) + ASK_AGAIN_INTERVALS * routeBroadcastIntervalMs
  }

  #schedule(): void {
    if (!this.#isIdle()) this.#wakeUp.at(this.#dueMs())
  }

  #turn(): void {
    if (this.#isIdle()) return
    if (this.#dueMs() > performance.now()) this.#schedule()
    else void this.#send()
  }

  async #send(): Promise<void> {
    const expiresAt = new Date(Date.now() + this.#options.requestTimeoutMs)
    const control = { mode: 'sync', ...this.#table.known, features: [] } as const
    this.#isSending = true
    this.#isLost = false
    this.#askedMs = performance.now()
    const reply = await this.#deps.send(controlRequest(control, expiresAt))
    this.#isSending = false
    if (reply && isFulfill(reply)) this.#failures = 0
    else {
      this.#failures += 1
      this.#isRefused = reply?.code.startsWith('F') ?? false
    }
    this.#schedule()
  }

  #holdDownPassed(): void {
    if (performance.now() < this.#heldUntilMs) {
      this.#holdDown.at(this.#heldUntilMs)
      return
    }
    this.#isSilent = true
    const gone = this.#table.review(() => false)
    this.#table = this.#empty()
    this.#deps.silent(gone)
  }
}
