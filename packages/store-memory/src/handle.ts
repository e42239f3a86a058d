import type { Lifecycle, Logger } from '@ilp/service-core'
import { type Feed, StoreError, Subscriptions, type Watch } from '@ilp/store-traits'

/** One store's access to a backend: there between its start and its stop. */
export class Handle implements Lifecycle {
  readonly #subscriptions: Subscriptions
  #isOpen = false

  constructor(logger: Logger) {
    this.#subscriptions = new Subscriptions({ logger, check: () => this.check() })
  }

  readonly start = async (): Promise<void> => {
    this.#isOpen = true
  }

  readonly stop = async (): Promise<void> => {
    this.#isOpen = false
    this.#subscriptions.endAll()
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  check(): void {
    if (!this.#isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
  }

  watch<Change>(feed: Feed<Change>): Watch<Change> {
    return this.#subscriptions.watch(feed)
  }
}
