import type { Logger } from '@ilp/service-core'
import { type Dispatcher, request } from 'undici'
import type { WebhooksOptions } from './options.js'
import { SIGNATURE_HEADER, sign } from './signature.js'

/** How one receiver is. The last three count from the start. */
export interface ReceiverStats {
  /** Its URL, without what may be secret in it. */
  readonly origin: string
  /** Events that it has yet to take. */
  readonly waiting: number
  readonly delivered: number
  /** Events that it did not take, however often it was asked. */
  readonly failed: number
  /** Events that were dropped, since too many waited, or the process ended. */
  readonly dropped: number
}

export interface ReceiverDeps {
  readonly url: string
  readonly secret: string
  readonly dispatcher: () => Dispatcher
  readonly random: () => number
  readonly logger: Logger
}

/** What is read of an answer, so that the connection can be used again. */
const ANSWER_BYTES_MAX = 65_536

/** The events on their way to one URL: one request at a time, so that they come in their order. */
export class Receiver {
  readonly #deps: ReceiverDeps
  readonly #options: WebhooksOptions
  readonly #origin: string
  readonly #waiting: string[] = []
  readonly #ending = new AbortController()
  #isStopping = false
  #working: Promise<void> | undefined
  /** Ends the pause between two attempts. */
  #wake: (() => void) | undefined
  #counts = { delivered: 0, failed: 0, dropped: 0 }
  /** Failures since the last success. */
  #failures = 0
  #isDropping = false

  constructor(deps: ReceiverDeps, options: WebhooksOptions) {
    this.#deps = deps
    this.#options = options
    this.#origin = new URL(deps.url).origin
  }

  tell(body: string): void {
    if (this.#isStopping) return this.#drop(1)
    if (this.#waiting.length >= this.#options.waitingMax) {
      this.#waiting.shift()
      this.#drop(1)
    }
    this.#waiting.push(body)
    this.#working ??= this.#work()
  }

  stats(): ReceiverStats {
    const waiting = this.#waiting.length + (this.#working ? 1 : 0)
    return { origin: this.#origin, waiting, ...this.#counts }
  }

  /** Gives what waits one more try, and drops what is left when the time is over. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#wake?.()
    const timer = setTimeout(() => this.#ending.abort(), this.#options.stopTimeoutMs)
    await this.#working
    clearTimeout(timer)
  }

  async #work(): Promise<void> {
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      if (this.#ending.signal.aborted) {
        this.#drop(1 + this.#waiting.length)
        this.#waiting.length = 0
        break
      }
      await this.#deliver(body)
    }
    this.#working = undefined
  }

  async #deliver(body: string): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      // An attempt that was under way when the stop came is not the last one.
      const isLast = attempts >= this.#options.attemptsMax || this.#isStopping
      const failure = await this.#attempt(body)
      if (failure === undefined) return this.#succeeded()
      this.#failed(failure)
      if (isLast) break
      if (!this.#isStopping) await this.#pause(attempts)
    }
    this.#counts.failed += 1
    this.#deps.logger.warn({ to: this.#origin }, 'a webhook was given up')
  }

  /** Why it did not get through, in words that the receiver doesn't choose. */
  async #attempt(text: string): Promise<string | undefined> {
    const { url, secret, dispatcher } = this.#deps
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: dispatcher(),
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [SIGNATURE_HEADER]: sign(text, secret, Date.now()),
        },
        body: text,
        signal: AbortSignal.any([this.#ending.signal, AbortSignal.timeout(this.#options.timeoutMs)]),
      })
      // What it says is its own affair: its status is the answer.
      await body.dump({ limit: ANSWER_BYTES_MAX }).catch(() => {})
      return statusCode >= 200 && statusCode < 300 ? undefined : `status ${statusCode}`
    } catch (error) {
      const { code, name } = error as NodeJS.ErrnoException
      return typeof code === 'string' ? code : name
    }
  }

  #succeeded(): void {
    this.#counts.delivered += 1
    if (this.#failures > 0) {
      const { dropped } = this.#counts
      this.#deps.logger.info({ to: this.#origin, dropped }, 'webhooks get through again')
    }
    this.#failures = 0
    this.#isDropping = false
  }

  /** Said once for each time that it can't be reached. */
  #failed(reason: string): void {
    if (this.#failures === 0) {
      this.#deps.logger.warn({ to: this.#origin, reason }, 'webhooks do not get through')
    }
    this.#failures += 1
  }

  #drop(count: number): void {
    this.#counts.dropped += count
    if (this.#isDropping) return
    this.#isDropping = true
    const { dropped } = this.#counts
    this.#deps.logger.warn({ to: this.#origin, dropped }, 'webhooks are dropped')
  }

  #pause(attempts: number): Promise<void> {
    const { retryMinMs, retryMaxMs } = this.#options
    const longest = Math.min(retryMaxMs, retryMinMs * 2 ** (attempts - 1))
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, (longest * (1 + this.#deps.random())) / 2)
      this.#wake = wake
    })
  }
}
