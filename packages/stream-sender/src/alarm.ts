/** The longest time that timers take. */
const DELAY_MS_MAX = 2 ** 31 - 1

/** One timer for all that a payment waits for. It may ring early: whoever is called looks at the clock. */
export class Alarm {
  #dueMs = Number.POSITIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #onRing: () => void

  constructor(onRing: () => void) {
    this.#onRing = onRing
  }

  /** Rings at `dueMs` at the latest, in milliseconds since 1970. */
  set(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#dueMs) return
    clearTimeout(this.#timer)
    this.#dueMs = dueMs
    this.#timer = setTimeout(this.#ring, Math.min(Math.max(dueMs - nowMs, 0), DELAY_MS_MAX))
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#dueMs = Number.POSITIVE_INFINITY
  }

  readonly #ring = (): void => {
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#onRing()
  }
}

/** Calls back in the next turn of the event loop, when others have had theirs. */
export function nextTurn(callback: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(callback)
  else setTimeout(callback, 0)
}
