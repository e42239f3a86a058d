/** A timer that is set again and again, of which only the earliest time counts. */
export class WakeUp {
  #timer: NodeJS.Timeout | undefined
  #dueMs = Number.POSITIVE_INFINITY
  readonly #wake: () => void

  constructor(wake: () => void) {
    this.#wake = wake
  }

  /** Wakes at `dueMs` on the clock of `performance.now()`, unless it does so earlier anyway. */
  at(dueMs: number): void {
    if (dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(
      () => {
        this.#dueMs = Number.POSITIVE_INFINITY
        this.#wake()
      },
      Math.max(0, dueMs - performance.now()),
    )
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#dueMs = Number.POSITIVE_INFINITY
  }
}
