import type { Logger } from '@ilp/service-core'
import { type Feed, StoreError, type Watch } from '@ilp/store-traits'
import type { Flusher } from './flusher.js'

/** The traits' access to the disk: there between the store's start and its stop. */
export class Handle {
  readonly #logger: Logger
  readonly #subscriptions = new Set<() => void>()
  #flusher: Flusher | undefined
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(logger: Logger) {
    this.#logger = logger
  }

  open(flusher: Flusher): void {
    this.#flusher = flusher
  }

  close(): void {
    this.#flusher = undefined
    for (const end of this.#subscriptions) end()
    this.#subscriptions.clear()
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  check(): Flusher {
    if (!this.#flusher) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
    return this.#flusher
  }

  /**
   * Makes a change behind all those that were asked for before: what it finds in memory is on the disk, and nobody else
   * changes it meanwhile.
   */
  async change<T>(make: (flusher: Flusher) => Promise<T>): Promise<T> {
    this.check()
    const made = this.#lastChange.then(() => make(this.check()))
    this.#lastChange = made.catch(() => {})
    return made
  }

  /** The feed as this store's users see it: a listener that throws is logged, and keeps nobody from being told. */
  watch<Change>(feed: Feed<Change>): Watch<Change> {
    return listener => {
      this.check()
      const unsubscribe = feed.subscribe(change => {
        try {
          listener(change)
        } catch (err) {
          this.#logger.error({ err }, 'a listener of the store threw')
        }
      })
      const end = () => {
        this.#subscriptions.delete(end)
        unsubscribe()
      }
      this.#subscriptions.add(end)
      return end
    }
  }
}
