/** The longest time that timers take. */
const DELAY_MS_MAX = 2 ** 31 - 1

/** One timer for all that a connection waits for. It may ring too early: whoever is called looks at the clock. */
export class Alarm {
  readonly #ring: () => void
  #atMs = Number.POSITIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** Rings at `atMs`, or before. */
  set(atMs: number, nowMs: number): void {
    if (atMs >= this.#atMs) return
    this.clear()
    this.#atMs = atMs
    const onTime = (): void => {
      this.#atMs = Number.POSITIVE_INFINITY
      this.#ring()
    }
    this.#timer = setTimeout(onTime, Math.min(Math.max(atMs - nowMs, 0), DELAY_MS_MAX))
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#atMs = Number.POSITIVE_INFINITY
  }
}

/** Calls back in the next turn of the event loop, when others have had theirs. */
export function nextTurn(callback: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(callback)
  else setTimeout(callback, 0)
}
