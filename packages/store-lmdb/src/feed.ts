/**
 * Passes changes on to those who subscribed. A change that a listener makes is announced behind the one that it was
 * told of, so that everybody hears of them in the order in which they were made.
 */
export class Feed<Change> {
  readonly #subscriptions = new Set<{ readonly tell: (change: Change) => void }>()
  readonly #waiting: Change[] = []
  #isAnnouncing = false

  /** @param tell must not throw */
  subscribe(tell: (change: Change) => void): () => void {
    const subscription = { tell }
    this.#subscriptions.add(subscription)
    return () => void this.#subscriptions.delete(subscription)
  }

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
