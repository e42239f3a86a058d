import type { Logger } from '@ilp/service-core'
import { type Feed, StoreError, Subscriptions, type Watch } from '@ilp/store-traits'
import type { Flusher } from './flusher.js'

/** The traits' access to the disk: there between the store's start and its stop. */
export class Handle {
  readonly #subscriptions: Subscriptions
  #flusher: Flusher | undefined
  #lastChange: Promise<unknown> = Promise.resolve()

  constructor(logger: Logger) {
    this.#subscriptions = new Subscriptions({ logger, check: () => void this.check() })
  }

  open(flusher: Flusher): void {
    this.#flusher = flusher
  }

  close(): void {
    this.#flusher = undefined
    this.#subscriptions.endAll()
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

  /** One step of the books, answered when it is on the disk with all that it has seen. */
  readonly step = async <T>(act: () => T): Promise<T> => {
    const flusher = this.check()
    if (flusher.isFailing) {
      // What stays undone now is known to be undone.
      await flusher.flushed()
      this.check()
    }
    const result = act()
    await flusher.flushed()
    return result
  }

  watch<Change>(feed: Feed<Change>): Watch<Change> {
    return this.#subscriptions.watch(feed)
  }
}
