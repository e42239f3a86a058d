import type { Logger } from '@ilp/service-core'
import type { Feed } from './feed.js'
import type { Watch } from './watch.js'

export interface SubscriptionsDeps {
  /** Hears of listeners that throw. */
  readonly logger: Logger
  /** Throws where the store isn't open: nobody subscribes then. */
  readonly check: () => void
}

/** The subscriptions of one store's users: there until each ends its own, or the store stops. */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps
  readonly #ends = new Set<() => void>()

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps
  }

  /** The feed as the store's users see it: a listener that throws is logged, and keeps nobody from being told. */
  watch<Change>(feed: Feed<Change>): Watch<Change> {
    const { check, logger } = this.#deps
    return listener => {
      check()
      const unsubscribe = feed.subscribe(change => {
        try {
          listener(change)
        } catch (err) {
          logger.error({ err }, 'a listener of the store threw')
        }
      })
      const end = () => {
        this.#ends.delete(end)
        unsubscribe()
      }
      this.#ends.add(end)
      return end
    }
  }

  /** Ends them all: what a store does when it stops. */
  endAll(): void {
    for (const end of [...this.#ends]) end()
  }
}
