import type { RateLimitStore, RateLimitTerms } from '@ilp/store-traits'

/** What is in a bucket, in 60,000ths of a token. */
export interface Bucket {
  parts: bigint
  atMs: number
  terms: RateLimitTerms
}

/** The plainest correct rate limits. Each of their steps is a method that a broken one replaces. */
export class PlainRateLimits implements RateLimitStore {
  readonly buckets = new Map<string, Bucket>()

  constructor(readonly clock: { readonly ms: number }) {}

  async take(name: string, terms: RateLimitTerms, wanted: bigint): Promise<bigint> {
    const bucket = this.bucket(name, terms)
    const taken = least(wanted, bucket.parts / 60_000n)
    bucket.parts -= taken * 60_000n
    return taken
  }

  async give(name: string, terms: RateLimitTerms, tokens: bigint): Promise<void> {
    const bucket = this.bucket(name, terms)
    bucket.parts = this.atMost(bucket.parts + tokens * 60_000n, terms)
  }

  /** With what it holds now, under these terms. */
  bucket(name: string, terms: RateLimitTerms): Bucket {
    const bucket = this.buckets.get(name) ?? this.first(terms)
    this.buckets.set(name, bucket)
    bucket.parts = this.atMost(bucket.parts + this.come(bucket), bucket.terms)
    bucket.parts = this.cut(bucket.parts, terms)
    bucket.atMs = this.clock.ms
    bucket.terms = terms
    return bucket
  }

  first(terms: RateLimitTerms): Bucket {
    return { parts: terms.capacity * 60_000n, atMs: this.clock.ms, terms }
  }

  come({ atMs, terms }: Bucket): bigint {
    return BigInt(this.clock.ms - atMs) * terms.perMinute
  }

  atMost(parts: bigint, { capacity }: RateLimitTerms): bigint {
    return least(parts, capacity * 60_000n)
  }

  cut(parts: bigint, terms: RateLimitTerms): bigint {
    return this.atMost(parts, terms)
  }
}

export const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)
