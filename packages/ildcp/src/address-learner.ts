import type { Configuration } from '@ilp/ildcp-packet'
import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'

export interface AddressLearnerDeps {
  /** Asks the parent, as `fetchConfiguration` does. */
  readonly fetch: () => Promise<Configuration>
  /** Takes what the parent said, each time it did. When it throws, the parent is asked again. */
  readonly learned: (configuration: Configuration) => Promise<void>
  readonly logger: Logger
}

export interface AddressLearnerOptions {
  /** The first and the longest pause after a failure. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
  /** How often the parent is asked again, so that a change of its address becomes known. */
  readonly refreshIntervalMs: number
}

export const ADDRESS_LEARNER_DEFAULTS: AddressLearnerOptions = {
  retryMinMs: 200,
  retryMaxMs: 30_000,
  refreshIntervalMs: 60_000,
}

/** Learns this node's address from its parent, and keeps it up to date. */
export interface AddressLearner extends Disposable {
  /**
   * Asks now rather than at the next time: the link to the parent has come back, or the parent has changed. While it is
   * being asked, it is asked once more afterwards, since what it says may be from before.
   */
  readonly askNow: () => void
}

/**
 * Its `start` doesn't wait for the parent: a parent that is down keeps nobody from starting. Its `stop` doesn't either;
 * what the parent still says is not taken.
 * @throws RangeError when an option is no whole number above 0
 */
export function createAddressLearner(
  deps: AddressLearnerDeps,
  options: Partial<AddressLearnerOptions> = {},
): AddressLearner {
  const all = { ...ADDRESS_LEARNER_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  const learner = new Learner(deps, all)
  return { ...lifecycle(learner), askNow: learner.askNow }
}

class Learner {
  readonly #deps: AddressLearnerDeps
  readonly #options: AddressLearnerOptions
  #isStopped = false
  #isAsking = false
  /** Whether what the parent is about to say may be outdated already. */
  #isAskedAgain = false
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #learning: Promise<void> = Promise.resolve()

  constructor(deps: AddressLearnerDeps, options: AddressLearnerOptions) {
    this.#deps = deps
    this.#options = options
  }

  readonly start = async (): Promise<void> => this.askNow()

  readonly stop = async (): Promise<void> => {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#learning.catch(() => {})
  }

  readonly askNow = (): void => {
    if (this.#isStopped) return
    if (this.#isAsking) {
      this.#isAskedAgain = true
      return
    }
    clearTimeout(this.#timer)
    this.#isAsking = true
    this.#isAskedAgain = false
    void this.#ask().then(pauseMs => {
      this.#isAsking = false
      if (this.#isStopped) return
      if (this.#isAskedAgain) this.askNow()
      else this.#timer = setTimeout(this.askNow, pauseMs)
    })
  }

  /** Asks once, and says how long to wait before the next time. */
  async #ask(): Promise<number> {
    const { fetch, learned, logger } = this.#deps
    const { retryMinMs, retryMaxMs, refreshIntervalMs } = this.#options
    try {
      const configuration = await fetch()
      if (this.#isStopped) return 0
      this.#learning = learned(configuration)
      await this.#learning
      this.#failures = 0
      return refreshIntervalMs
    } catch (error) {
      // Said once for each time that the parent is lost, not for each attempt.
      if (this.#failures === 0) logger.warn({ err: error }, 'the parent does not tell this node its address')
      this.#failures += 1
      return Math.min(retryMinMs * 2 ** (this.#failures - 1), retryMaxMs) * (0.5 + Math.random() / 2)
    }
  }
}
