import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import type { RateStore } from '@ilp/store-traits'
import type { RateProvider } from './provider.js'

export interface RatePollerDeps {
  readonly provider: RateProvider
  /** Where the prices are kept, and where other processes of this node keep theirs. */
  readonly store: Pick<RateStore, 'get' | 'set'>
  readonly logger: Logger
  /** Milliseconds since 1970; `Date.now` unless given. */
  readonly nowMs?: (() => number) | undefined
  /** From 0 to below 1; `Math.random` unless given. */
  readonly random?: (() => number) | undefined
}

export interface RatePollerOptions {
  /** How often the provider is asked, give or take a tenth. */
  readonly pollIntervalMs: number
  /** The first pause after a failure. The next ones are longer, up to `pollIntervalMs`. */
  readonly retryMinMs: number
}

export const RATE_POLLER_DEFAULTS: RatePollerOptions = { pollIntervalMs: 60_000, retryMinMs: 1_000 }

const INTERVAL_MS_MAX = 86_400_000

/**
 * Keeps a store's prices up to date. Its `start` doesn't wait for the provider: one that is down keeps nobody from
 * starting. Of several processes that share a store, one asks the provider as a rule: who finds prices that are not
 * half an interval old leaves it alone.
 * @throws RangeError when an option is no whole number from 1 to 86,400,000
 */
export function createRatePoller(deps: RatePollerDeps, options: Partial<RatePollerOptions> = {}): Disposable {
  const all = { ...RATE_POLLER_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isSafeInteger(value) && value > 0 && value <= INTERVAL_MS_MAX)) {
      throw new RangeError(`${name} is ${value}, not a whole number from 1 to ${INTERVAL_MS_MAX}`)
    }
  }
  return lifecycle(new Poller(deps, all))
}

class Poller {
  readonly #deps: Required<{ [Name in keyof RatePollerDeps]: NonNullable<RatePollerDeps[Name]> }>
  readonly #options: RatePollerOptions
  readonly #ending = new AbortController()
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #polling: Promise<void> = Promise.resolve()

  constructor(
    { nowMs = Date.now, random = Math.random, ...deps }: RatePollerDeps,
    options: RatePollerOptions,
  ) {
    this.#deps = { ...deps, nowMs, random }
    this.#options = options
  }

  readonly start = async (): Promise<void> => this.#poll()

  readonly stop = async (): Promise<void> => {
    this.#ending.abort()
    clearTimeout(this.#timer)
    await this.#polling
  }

  readonly #poll = (): void => {
    this.#polling = this.#ask().then(pauseMs => {
      if (!this.#ending.signal.aborted) this.#timer = setTimeout(this.#poll, pauseMs)
    })
  }

  /** Asks where it is time to, and says how long to wait before the next time. */
  async #ask(): Promise<number> {
    const { provider, store, logger, nowMs } = this.#deps
    const { pollIntervalMs, retryMinMs } = this.#options
    try {
      const stored = store.get()
      const ageMs = stored === undefined ? pollIntervalMs : Math.max(0, nowMs() - stored.asOfMs)
      if (ageMs < pollIntervalMs / 2) return this.#around(pollIntervalMs - ageMs)
      await store.set(await provider.fetch(nowMs(), this.#ending.signal))
      if (this.#failures > 0) logger.info({}, 'exchange rates are to be had again')
      this.#failures = 0
      return this.#around(pollIntervalMs)
    } catch (err) {
      // Said once for each time that they are lost, not for each attempt.
      if (this.#failures === 0 && !this.#ending.signal.aborted) {
        logger.warn({ err }, 'no exchange rates are to be had')
      }
      this.#failures += 1
      const pauseMs = Math.min(retryMinMs * 2 ** (this.#failures - 1), pollIntervalMs)
      return pauseMs * (0.5 + this.#deps.random() / 2)
    }
  }

  #around(ms: number): number {
    return ms * (0.9 + this.#deps.random() / 5)
  }
}
