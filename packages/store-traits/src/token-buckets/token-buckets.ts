import { checkTokens } from '../books/checks.js'
import type { RateLimitStore, RateLimitTerms } from '../rate-limits.js'
import { TokenBucket } from './token-bucket.js'

/** Buckets that are kept without a look at which of them are full. */
const BUCKETS_KEPT = 1_024

/**
 * The token buckets of a store that serves one process, in memory: a restart fills them. Those that are full are
 * forgotten: there are never more than 1,024, or than twice as many as were not full at the last look.
 */
export class TokenBuckets {
  readonly #nowMs: () => number
  readonly #kept = new Map<string, TokenBucket>()
  #sweepAt = BUCKETS_KEPT

  /** @param nowMs the store's clock, in milliseconds from any beginning */
  constructor(nowMs: () => number) {
    this.#nowMs = () => Math.floor(nowMs())
  }

  get size(): number {
    return this.#kept.size
  }

  take(bucket: string, terms: RateLimitTerms, wanted: bigint): bigint {
    checkTokens(bucket, terms, wanted)
    const nowMs = this.#nowMs()
    return this.#of(bucket, terms, nowMs).takeUpTo(wanted, nowMs)
  }

  give(bucket: string, terms: RateLimitTerms, tokens: bigint): void {
    checkTokens(bucket, terms, tokens)
    this.#of(bucket, terms, this.#nowMs()).give(tokens)
  }

  #of(name: string, terms: RateLimitTerms, nowMs: number): TokenBucket {
    const known = this.#kept.get(name)
    if (known) {
      known.change(terms, nowMs)
      return known
    }
    if (this.#kept.size >= this.#sweepAt) this.#sweep(nowMs)
    const bucket = new TokenBucket(terms, nowMs)
    this.#kept.set(name, bucket)
    return bucket
  }

  #sweep(nowMs: number): void {
    for (const [name, bucket] of this.#kept) if (bucket.isFull(nowMs)) this.#kept.delete(name)
    this.#sweepAt = Math.max(BUCKETS_KEPT, this.#kept.size * 2)
  }
}

/**
 * The trait that buckets in memory give a store.
 * @param check throws where the store isn't open
 */
export const rateLimitTrait = (buckets: TokenBuckets, check: () => unknown): RateLimitStore => ({
  take: async (bucket, terms, wanted) => {
    check()
    return buckets.take(bucket, terms, wanted)
  },
  give: async (bucket, terms, tokens) => {
    check()
    buckets.give(bucket, terms, tokens)
  },
})
