import type { Lifecycle, Logger } from '@ilp/service-core'
import { type Feed, StoreError, type Watch } from '@ilp/store-traits'

/** One store's access to a backend: there between its start and its stop. */
export class Handle implements Lifecycle {
  readonly #logger: Logger
  readonly #subscriptions = new Set<() => void>()
  #isOpen = false

  constructor(logger: Logger) {
    this.#logger = logger
  }

  readonly start = async (): Promise<void> => {
    this.#isOpen = true
  }

  readonly stop = async (): Promise<void> => {
    this.#isOpen = false
    for (const end of this.#subscriptions) end()
    this.#subscriptions.clear()
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  check(): void {
    if (!this.#isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
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
