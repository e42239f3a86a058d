import { setTimeout as sleep } from 'node:timers/promises'
import type { BtpLink, BtpPool, MessagePort } from '@ilp/btp-pool'
import { dial } from '@ilp/btp-websocket'
import type { AccountId, Logger } from '@ilp/service-core'
import { type AuthOutcome, authenticate } from './authenticate.js'
import type { BtpClientOptions } from './options.js'
import type { OutgoingUrl } from './outgoing-url.js'

export interface DiallerDeps {
  readonly pool: Pick<BtpPool, 'add'>
  /** The token to present, as it is at each attempt. */
  readonly token: () => string
  readonly logger: Logger
  /** 0 to 1, as `Math.random`. */
  readonly random: () => number
}

/** How the link is. It is logged when it changes. */
type State = 'up' | 'lost' | 'refused' | 'unreachable'

const SAYINGS: Record<State, string> = {
  up: 'BTP link is up',
  lost: 'BTP link was lost',
  refused: 'BTP peer refuses the credentials',
  unreachable: 'BTP peer is unreachable',
}

/** Keeps one account's link up: dials, authenticates, dials again. Never gives up before it is told to. */
export class Dialler {
  readonly #account: AccountId
  readonly #target: OutgoingUrl
  readonly #deps: DiallerDeps
  readonly #options: BtpClientOptions
  readonly #ending = new AbortController()
  readonly #ended: Promise<void>
  #link: BtpLink | undefined
  /** Ends the pause before the next attempt. */
  #pause = new AbortController()
  #failures = 0
  #state: State | undefined

  constructor(account: AccountId, target: OutgoingUrl, deps: DiallerDeps, options: BtpClientOptions) {
    this.#account = account
    this.#target = target
    this.#deps = deps
    this.#options = options
    this.#ended = this.#run(this.#ending.signal)
  }

  /** Dials no more, and resolves when no attempt is under way. A link that is up stays so. */
  stop(): Promise<void> {
    this.#ending.abort()
    return this.#link ? Promise.resolve() : this.#ended
  }

  /** Dials no more, and closes the link. */
  close(): Promise<void> {
    this.#link?.close()
    return this.stop()
  }

  /** Dials now if it was to wait: what the peer didn't like may be mended. */
  hurry(): void {
    this.#failures = 0
    this.#pause.abort()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { backoffMinMs, backoffMaxMs, healthyAfterMs } = this.#options
    while (!signal.aborted) {
      const link = await this.#connect(signal)
      const upAtMs = performance.now()
      if (link) {
        await link.closed
        this.#link = undefined
        if (signal.aborted) return
        this.#turn('lost')
        if (performance.now() - upAtMs >= healthyAfterMs) this.#failures = 0
      }
      const pauseMaxMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures)
      this.#failures += 1
      this.#pause = new AbortController()
      const ending = AbortSignal.any([signal, this.#pause.signal])
      await sleep(this.#deps.random() * pauseMaxMs, undefined, { signal: ending }).catch(() => {})
    }
  }

  /** One attempt. Undefined when it failed, which has been logged then. */
  async #connect(signal: AbortSignal): Promise<BtpLink | undefined> {
    const attempt = new AbortController()
    const giveUp = () => attempt.abort(new Error('attempt was given up'))
    const timer = setTimeout(
      () => attempt.abort(new Error('peer did not answer in time')),
      this.#options.connectTimeoutMs,
    )
    signal.addEventListener('abort', giveUp, { once: true })
    try {
      const port = await dial(this.#target.url, attempt.signal, this.#options)
      return await this.#introduce(port, attempt.signal)
    } catch (error) {
      if (!signal.aborted) this.#turn('unreachable', attempt.signal.aborted ? attempt.signal.reason : error)
      return undefined
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Authenticates, and hands the port to the pool as soon as the peer accepts. */
  #introduce(port: MessagePort, signal: AbortSignal): Promise<BtpLink | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: AuthOutcome) => {
        signal.removeEventListener('abort', abort)
        if (outcome === 'accepted') {
          this.#turn('up')
          this.#link = this.#deps.pool.add(this.#account, port)
          return resolve(this.#link)
        }
        port.close('going-away')
        if (outcome === 'closed')
          return reject(new Error('peer closed before it accepted the authentication'))
        this.#turn('refused')
        resolve(undefined)
      }
      const abort = () => settle('closed')
      signal.addEventListener('abort', abort, { once: true })
      if (signal.aborted) return abort()
      authenticate(port, { token: this.#deps.token(), username: this.#target.username }, settle)
    })
  }

  #turn(state: State, error?: unknown): void {
    if (state === this.#state) return
    this.#state = state
    const { origin, pathname } = this.#target.url
    const fields = {
      account: this.#account,
      url: origin + pathname,
      ...(error !== undefined && { err: error }),
    }
    this.#deps.logger[state === 'up' ? 'info' : 'warn'](fields, SAYINGS[state])
  }
}
