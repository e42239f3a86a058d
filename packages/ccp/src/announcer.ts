import {
  type Advertised,
  type Batch,
  OutgoingTable,
  ROUTE_OCTETS_MAX,
  type RouteControl,
  updateRequest,
} from '@ilp/ccp-packet'
import { isFulfill, type Prepare, type Reply } from '@ilp/service-core'
import { type CcpOptions, HOLD_DOWN_INTERVALS } from './options.js'
import { WakeUp } from './wake-up.js'

export interface AnnouncerDeps extends Pick<Advertised, 'routeFor' | 'prefixes'> {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Sends a request to the peer; never rejects. Undefined when the chain failed. */
  readonly send: (prepare: Prepare) => Promise<Reply | undefined>
}

/** Tells one peer this node's routes: their changes, gathered, and heartbeats in between. */
export class Announcer {
  readonly #deps: AnnouncerDeps
  readonly #options: CcpOptions
  readonly #table = new OutgoingTable()
  readonly #wakeUp = new WakeUp(() => this.#turn())
  #isStopped = false
  #isSending = false
  /** Whether the peer has asked, and is to hear of this node even if there is nothing new. */
  #isAsked = false
  /** Whether the last update was not all: the next follows at once. */
  #hasMore = false
  #failures = 0
  #lastMs = Number.NEGATIVE_INFINITY
  /** The peer speaks the protocol. As long as it hasn't said what it wants, it is told: some never ask again. */
  #isSpoken: boolean

  /** @param isWanted whether the peer is known to want routes */
  constructor(deps: AnnouncerDeps, options: CcpOptions, isWanted: boolean) {
    this.#deps = deps
    this.#options = options
    this.#isSpoken = isWanted
    this.#schedule()
  }

  /** Whether the peer wants to be told, as far as it is known. */
  get isWanted(): boolean {
    return this.#table.mode === undefined ? this.#isSpoken : this.#table.mode === 'sync'
  }

  /** The routes of these prefixes are others now, or none. */
  changed(prefixes: Iterable<string>): void {
    for (const prefix of prefixes) this.#table.changed(prefix)
    this.#schedule()
  }

  /** Takes what the peer has asked for. */
  asked(control: RouteControl): void {
    this.#table.ask(control)
    this.#isSpoken = true
    this.#isAsked = true
    this.#failures = 0
    this.#schedule()
  }

  /** The peer has told routes of its own. */
  spoken(): void {
    if (this.#isSpoken) return
    this.#isSpoken = true
    this.#schedule()
  }

  stop(): void {
    this.#isStopped = true
    this.#wakeUp.clear()
  }

  #isIdle(): boolean {
    return this.#isStopped || this.#isSending || this.#deps.address() === '' || !this.isWanted
  }

  #dueMs(): number {
    const { routeBroadcastIntervalMs, updateIntervalMs } = this.#options
    if (this.#failures > 0) {
      return this.#lastMs + Math.min(routeBroadcastIntervalMs, updateIntervalMs * 2 ** this.#failures)
    }
    if (this.#hasMore) return this.#lastMs
    if (this.#isAsked || this.#table.hasChanges) return this.#lastMs + updateIntervalMs
    return this.#lastMs + routeBroadcastIntervalMs
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
    const { routeFor, prefixes, send } = this.#deps
    const batch = this.#table.take({ routeFor, prefixes, octetsMax: 2 * ROUTE_OCTETS_MAX })
    this.#isSending = true
    this.#isAsked = false
    this.#lastMs = performance.now()
    const reply = await send(this.#request(batch))
    this.#isSending = false
    if (reply && isFulfill(reply)) {
      this.#failures = 0
      this.#hasMore = batch.currentEpoch > batch.toEpoch
      this.#table.acknowledged(batch)
    } else {
      this.#failures += 1
      this.#hasMore = false
      this.#table.failed(batch)
      // Who has never asked and says no wants none.
      if (this.#table.mode === undefined && reply?.code.startsWith('F')) this.#isSpoken = false
    }
    this.#schedule()
  }

  #request({ generation, ...batch }: Batch): Prepare {
    const { routeBroadcastIntervalMs, requestTimeoutMs } = this.#options
    const holdDownMs = Math.ceil(HOLD_DOWN_INTERVALS * routeBroadcastIntervalMs)
    const update = { ...batch, holdDownMs, speaker: this.#deps.address() }
    return updateRequest(update, new Date(Date.now() + requestTimeoutMs))
  }
}
