/** The longest time that timers take. */
const DELAY_MS_MAX = 2 ** 31 - 1

/** The platform's timers: `globalThis`. */
export interface Timers {
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: never) => void
  /** Not everywhere. */
  readonly setImmediate?: (callback: () => void) => unknown
}

/**
 * One of its owner's timers for all that a sender waits for: packets that may get lost, pauses, deadlines. It may ring
 * early: whoever is called looks at the clock.
 */
export class Alarm {
  #dueMs = Number.POSITIVE_INFINITY
  #timer: unknown
  readonly #timers: Timers
  readonly #onRing: () => void

  constructor(timers: Timers, onRing: () => void) {
    this.#timers = timers
    this.#onRing = onRing
  }

  /** Rings at `dueMs` at the latest, in milliseconds since 1970. */
  set(dueMs: number, nowMs: number): void {
    if (dueMs >= this.#dueMs) return
    this.clear()
    this.#dueMs = dueMs
    this.#timer = this.#timers.setTimeout(this.#ring, Math.min(Math.max(dueMs - nowMs, 0), DELAY_MS_MAX))
  }

  clear(): void {
    this.#timers.clearTimeout(this.#timer as never)
    this.#dueMs = Number.POSITIVE_INFINITY
  }

  readonly #ring = (): void => {
    this.#dueMs = Number.POSITIVE_INFINITY
    this.#onRing()
  }
}

/** Calls back in the next turn of the event loop, when others have had theirs. */
export function nextTurn(timers: Timers, callback: () => void): void {
  if (timers.setImmediate) timers.setImmediate(callback)
  else timers.setTimeout(callback, 0)
}
