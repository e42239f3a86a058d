import type { Logger } from '@ilp/service-core'
import { type EngineReply, isAnswer, isDone, isRefused } from './engine-client.js'
import { Slots } from './slots.js'

/** What is known of one engine. */
export interface EngineStats {
  readonly url: string
  /** Whether it could be reached the last time; undefined before the first. */
  readonly isUp: boolean | undefined
  /** Accounts that it settles. */
  readonly accounts: number
  /** Settlements that it has not acknowledged. */
  readonly waiting: number
  /** The last thing that went wrong, and when, in milliseconds since 1970. */
  readonly lastError: { readonly message: string; readonly atMs: number } | undefined
}

/** The least time between two log lines about one engine that doesn't do its work. */
const LOG_INTERVAL_MS = 10_000

/** One engine as the settler sees it: how many requests are under way, and how the last ones went. */
export class Engine {
  readonly slots: Slots
  isUp: boolean | undefined
  lastError: EngineStats['lastError']
  readonly #url: string
  readonly #logger: Logger
  readonly #recovered: () => void
  #loggedAtMs = Number.NEGATIVE_INFINITY

  /** @param recovered called when it is reached after it wasn't */
  constructor(url: string, requestsMax: number, logger: Logger, recovered: () => void) {
    this.slots = new Slots(requestsMax)
    this.#url = url
    this.#logger = logger
    this.#recovered = recovered
  }

  /** Notes how a request went. */
  heard(reply: EngineReply): void {
    if (!isDone(reply)) this.#trouble(reply)
    const wasUp = this.isUp
    if (isAnswer(reply)) this.isUp = true
    else if (!reply.isGivenUp) this.isUp = false
    if (wasUp !== false || !this.isUp) return
    this.#logger.info({ engine: this.#url }, 'a settlement engine is back')
    this.#recovered()
  }

  #trouble(reply: EngineReply): void {
    const message = isAnswer(reply) ? `status ${reply.status}` : reply.trouble
    const atMs = Date.now()
    this.lastError = { message, atMs }
    // What is refused is reported by itself.
    if (isRefused(reply) || atMs - this.#loggedAtMs < LOG_INTERVAL_MS) return
    this.#loggedAtMs = atMs
    this.#logger.warn({ engine: this.#url, reason: message }, 'a settlement engine does not do its work')
  }
}
