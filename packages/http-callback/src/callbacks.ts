import {
  type AccountId,
  Deadlines,
  type Disposable,
  type Logger,
  lifecycle,
  silentLogger,
  type Waiting,
} from '@ilp/service-core'
import { Agent } from 'undici'
import { Attempt } from './attempt.js'
import { CALLBACKS_DEFAULTS, type CallbacksOptions, checkOptions } from './options.js'

/** An answer that is to be posted. */
export interface Callback {
  /** The account whose packet it answers. */
  readonly account: AccountId
  /** An `http` or `https` URL that the account may have answers posted to: it is not judged here. */
  readonly url: string
  readonly requestId: string
  /** A Fulfill or a Reject. */
  readonly body: Buffer
  /** When the packet expires, in milliseconds since 1970. No attempt but the first begins later. */
  readonly expiresAtMs: number
}

/** The peer has it, the peer refuses it (4xx), or there was neither word by the packet's expiry. */
export type CallbackOutcome = 'delivered' | 'refused' | 'given-up'

export interface Callbacks extends Disposable {
  /** Posts an answer until the peer says that it has it, or doesn't want it. Never rejects. */
  readonly post: (callback: Callback) => Promise<CallbackOutcome>
}

export interface CallbacksDeps {
  /** The token to present to the peer, asked for each attempt; without one, the request has no Authorization. */
  readonly token: (account: AccountId) => string | undefined
  /** 0 to 1, for the pauses between attempts; `Math.random` unless given. */
  readonly random?: () => number
  readonly logger?: Logger
}

/** Posts answers to callback URLs (RFC 35, 'ILP Fulfill/Reject Reply'), as often as it takes. Redirects are not followed. */
export function createCallbacks(deps: CallbacksDeps, options: Partial<CallbacksOptions> = {}): Callbacks {
  const poster = new Poster(deps, checkOptions({ ...CALLBACKS_DEFAULTS, ...options }))
  return {
    ...lifecycle({ start: () => poster.start(), stop: () => poster.stop() }),
    post: callback => poster.post(callback),
  }
}

/** The least time between two log lines about one account. */
const LOG_INTERVAL_MS = 10_000
/** However close the expiry is, an attempt has some time. */
const ATTEMPT_MS_MIN = 250
/** Attempts that fit between now and the expiry, each taking all the time that it may. */
const ATTEMPTS_MIN = 3

class Poster {
  readonly deadlines = new Deadlines()
  readonly options: CallbacksOptions
  readonly random: () => number
  readonly #deps: CallbacksDeps
  readonly #logger: Logger
  readonly #deliveries = new Set<Delivery>()
  readonly #loggedAtMs = new Map<AccountId, number>()
  #agent: Agent | undefined
  #idle: (() => void) | undefined

  constructor(deps: CallbacksDeps, options: CallbacksOptions) {
    this.#deps = deps
    this.options = options
    this.random = deps.random ?? Math.random
    this.#logger = deps.logger ?? silentLogger
  }

  async start(): Promise<void> {
    const { connectionsMax, connectTimeoutMs, idleTimeoutMs, tls } = this.options
    this.#agent = new Agent({
      connections: connectionsMax,
      connect: { ...tls, timeout: connectTimeoutMs },
      keepAliveTimeout: idleTimeoutMs,
      keepAliveMaxTimeout: idleTimeoutMs,
      // Attempts have deadlines of their own.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: true,
    })
  }

  async stop(): Promise<void> {
    if (this.#deliveries.size > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, this.options.stopTimeoutMs)
        this.#idle = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const delivery of this.#deliveries) delivery.giveUp()
    await this.#agent?.destroy()
    this.#agent = undefined
  }

  post(callback: Callback): Promise<CallbackOutcome> {
    return new Promise(resolve => {
      const delivery = new Delivery(this, callback, outcome => {
        this.#deliveries.delete(delivery)
        if (this.#deliveries.size === 0) this.#idle?.()
        resolve(outcome)
      })
      this.#deliveries.add(delivery)
      delivery.attempt()
    })
  }

  /** @throws TypeError for a URL that is neither http nor https */
  send({ account, url, requestId, body }: Callback, attempt: Attempt): void {
    if (!this.#agent) throw new Error('it is not running')
    const { origin, pathname, search } = new URL(url)
    const token = this.#deps.token(account)
    this.#agent.dispatch(
      {
        origin,
        path: pathname + search,
        method: 'POST',
        headers: {
          'content-type': 'application/octet-stream',
          'request-id': requestId,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body,
      },
      attempt,
    )
  }

  trouble(account: AccountId, reason: string): void {
    const now = Date.now()
    if (now - (this.#loggedAtMs.get(account) ?? 0) < LOG_INTERVAL_MS) return
    this.#loggedAtMs.set(account, now)
    this.#logger.warn({ account, reason }, 'an answer does not get through to a peer')
  }
}

/** One answer on its way. */
class Delivery implements Waiting {
  readonly #poster: Poster
  readonly #callback: Callback
  readonly #over: (outcome: CallbackOutcome) => void
  #attempt: Attempt | undefined
  #attempts = 0
  #isOver = false

  constructor(poster: Poster, callback: Callback, over: (outcome: CallbackOutcome) => void) {
    this.#poster = poster
    this.#callback = callback
    this.#over = over
  }

  attempt(): void {
    const { attemptTimeoutMs } = this.#poster.options
    const share = (this.#callback.expiresAtMs - Date.now()) / ATTEMPTS_MIN
    const timeoutMs = Math.min(attemptTimeoutMs, Math.max(ATTEMPT_MS_MIN, share))
    this.#attempts += 1
    this.#attempt = new Attempt(this.#poster.deadlines, timeoutMs, outcome => this.#ended(outcome))
    try {
      this.#poster.send(this.#callback, this.#attempt)
    } catch (error) {
      this.#attempt.giveUp(error as Error)
    }
  }

  onDeadline(): void {
    if (!this.#isOver) this.attempt()
  }

  giveUp(): void {
    this.#end('given-up')
    this.#attempt?.giveUp(new Error('it is stopping'))
  }

  #ended(outcome: number | Error): void {
    if (this.#isOver) return
    const { account, expiresAtMs } = this.#callback
    if (typeof outcome === 'number' && outcome >= 200 && outcome < 300) return this.#end('delivered')
    if (typeof outcome === 'number' && outcome >= 400 && outcome < 500) {
      // Of an answer that was sent before, 400 says as well that the peer has it.
      if (outcome !== 400 || this.#attempts === 1)
        this.#poster.trouble(account, `it refuses them with status ${outcome}`)
      return this.#end('refused')
    }
    const nextMs = Date.now() + this.#pauseMs()
    if (nextMs < expiresAtMs) {
      this.#poster.deadlines.set(nextMs, this)
      return
    }
    const failure = typeof outcome === 'number' ? `status ${outcome}` : codeOf(outcome)
    this.#poster.trouble(account, `${failure}, ${this.#attempts} times by the packet's expiry`)
    this.#end('given-up')
  }

  #pauseMs(): number {
    const { retryDelayMs, retryDelayMaxMs } = this.#poster.options
    const longest = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** (this.#attempts - 1))
    return (longest * (1 + this.#poster.random())) / 2
  }

  #end(outcome: CallbackOutcome): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over(outcome)
  }
}

const codeOf = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.message
