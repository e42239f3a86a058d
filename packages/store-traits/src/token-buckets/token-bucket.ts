import type { RateLimitTerms } from '../rate-limits.js'

const PARTS = 60_000n

/**
 * A bucket of tokens that fills evenly. All whole numbers: what a millisecond brings is counted in 60,000ths of a token,
 * so that nothing is rounded and nothing drifts. Milliseconds are whole ones of one clock; where it goes back, nothing
 * comes in.
 */
export class TokenBucket {
  #perMinute: bigint
  #capacity: bigint
  #tokens: bigint
  /** 60,000ths of the next token. */
  #parts = 0n
  #atMs: number

  /** A full one. */
  constructor({ perMinute, capacity }: RateLimitTerms, nowMs: number) {
    this.#perMinute = perMinute
    this.#capacity = capacity
    this.#tokens = capacity
    this.#atMs = nowMs
  }

  /** Takes all of them, or none. */
  take(tokens: bigint, nowMs: number): boolean {
    this.#fill(nowMs)
    if (tokens > this.#tokens) return false
    this.#tokens -= tokens
    return true
  }

  /** Takes as many of them as there are; returns how many. */
  takeUpTo(wanted: bigint, nowMs: number): bigint {
    this.#fill(nowMs)
    const taken = wanted < this.#tokens ? wanted : this.#tokens
    this.#tokens -= taken
    return taken
  }

  /** Puts back what was taken, as far as there is room. */
  give(tokens: bigint): void {
    this.#tokens += tokens
    if (this.#tokens >= this.#capacity) this.#full()
  }

  /** From now on it has other terms. What is above its capacity is gone. */
  change({ perMinute, capacity }: RateLimitTerms, nowMs: number): void {
    this.#fill(nowMs)
    this.#perMinute = perMinute
    this.#capacity = capacity
    if (this.#tokens >= capacity) this.#full()
  }

  isFull(nowMs: number): boolean {
    this.#fill(nowMs)
    return this.#tokens === this.#capacity
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs
    if (elapsedMs === 0) return
    this.#atMs = nowMs
    if (elapsedMs < 0 || this.#tokens === this.#capacity) return
    const parts = this.#parts + BigInt(elapsedMs) * this.#perMinute
    this.#tokens += parts / PARTS
    this.#parts = parts % PARTS
    if (this.#tokens >= this.#capacity) this.#full()
  }

  #full(): void {
    this.#tokens = this.#capacity
    this.#parts = 0n
  }
}
