const MINUTE_MS = 60_000
const PARTS = BigInt(MINUTE_MS)

/**
 * A bucket that holds a minute's tokens and fills evenly. All whole numbers: what a millisecond brings is counted in
 * 60,000ths of a token, so that nothing is rounded and nothing drifts. Milliseconds are whole ones of a clock that
 * never goes back.
 */
export class TokenBucket {
  #perMinute: bigint
  #tokens: bigint
  /** 60,000ths of the next token. */
  #parts = 0n
  #atMs: number

  /** A full one. */
  constructor(perMinute: bigint, nowMs: number) {
    this.#perMinute = perMinute
    this.#tokens = perMinute
    this.#atMs = nowMs
  }

  /** Takes all of them, or none. */
  take(tokens: bigint, nowMs: number): boolean {
    this.#fill(nowMs)
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }

  /** Puts back what was taken, as far as there is room. */
  give(tokens: bigint): void {
    this.#tokens += tokens
    if (this.#tokens >= this.#perMinute) this.#full()
  }

  /** From now on it has another limit. What is above it is gone. */
  limit(perMinute: bigint, nowMs: number): void {
    this.#fill(nowMs)
    this.#perMinute = perMinute
    if (this.#tokens >= perMinute) this.#full()
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#tokens === this.#perMinute
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs
    if (elapsedMs === 0) return
    this.#atMs = nowMs
    if (this.#tokens === this.#perMinute) return
    if (elapsedMs >= MINUTE_MS) return this.#full()
    const parts = this.#parts + BigInt(elapsedMs) * this.#perMinute
    this.#tokens += parts / PARTS
    this.#parts = parts % PARTS
    if (this.#tokens >= this.#perMinute) this.#full()
  }

  #full(): void {
    this.#tokens = this.#perMinute
    this.#parts = 0n
  }
}
