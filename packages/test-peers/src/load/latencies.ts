const STEP = Math.log(1.01)
const LEAST_MS = 0.001
/** 1 % apart, from a microsecond to a hundred seconds. */
const BUCKETS = Math.ceil(Math.log(100_000 / LEAST_MS) / STEP) + 1

/** Counts latencies in a fixed number of buckets, however many come. */
export class Latencies {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0

  /** Counts one latency of `ms`; those outside of a microsecond to a hundred seconds as the nearest inside. */
  add(ms: number): void {
    const bucket = Math.round(Math.log(ms / LEAST_MS) / STEP)
    this.#counts[Math.min(Math.max(bucket, 0), BUCKETS - 1)]! += 1
    this.#total++
  }

  /** The latency in ms, within 1 %, that the share `q` (0..1) of all stays within; NaN of none. */
  quantile(q: number): number {
    if (this.#total === 0) return Number.NaN
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let bucket = 0
    for (let seen = this.#counts[0]!; seen < rank; seen += this.#counts[bucket]!) bucket++
    return LEAST_MS * Math.exp(bucket * STEP)
  }
}
