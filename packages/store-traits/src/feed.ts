/**
 * What a store makes its `watch` of. Passes changes on to those who subscribed. A change that a listener makes is announced behind the one that it was
 * told of, so that everybody hears of them in the order in which they were made.
 */
export class Feed<Change> {
  readonly #subscriptions = new Set<{ readonly tell: (change: Change) => void }>()
  readonly #waiting: Change[] = []
  #isAnnouncing = false

  /**
   * Tells of every change from now on; returns what ends that.
   * @param tell must not throw: a store wraps the listeners that it is given
   */
  subscribe(tell: (change: Change) => void): () => void {
    const subscription = { tell }
    this.#subscriptions.add(subscription)
    return () => void this.#subscriptions.delete(subscription)
  }

  /** Tells everybody who is subscribed when their turn comes. */
  announce(change: Change): void {
    this.#waiting.push(change)
    if (this.#isAnnouncing) return
    this.#isAnnouncing = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      for (const subscription of [...this.#subscriptions]) {
        if (this.#subscriptions.has(subscription)) subscription.tell(next)
      }
    }
    this.#isAnnouncing = false
  }
}
