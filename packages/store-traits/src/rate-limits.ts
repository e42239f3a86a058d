/** What a bucket holds, and how fast it fills. */
export interface RateLimitTerms {
  /** Tokens that come back in a minute, evenly. 0 or more, of any size. */
  readonly perMinute: bigint
  /** What it holds when it is full. 0 or more, of any size. */
  readonly capacity: bigint
}

/**
 * Token buckets that all processes of a node share. A bucket is full when it is first named, and may be forgotten when
 * it is full again. It fills by the store's clock, exactly: each whole millisecond brings a 60,000th of a minute's tokens,
 * and what is less than a token is kept. Its terms are those of
 * the last call, also for the time until the next one; a level above a new capacity is cut to it.
 *
 * Calls settle within a bounded time, with a `StoreError` where the backend doesn't answer. Tokens whose taking has an
 * unknown outcome are lost, which is why no call is repeated.
 */
export interface RateLimitStore {
  /**
   * Takes as many of `wanted` tokens as there are, in one atomic step.
   * @param bucket 1 to 255 characters
   * @param wanted above 0
   * @returns how many it took: 0 to `wanted`
   */
  readonly take: (bucket: string, terms: RateLimitTerms, wanted: bigint) => Promise<bigint>
  /**
   * Puts back tokens that were taken and not used, as far as there is room.
   * @param tokens above 0
   */
  readonly give: (bucket: string, terms: RateLimitTerms, tokens: bigint) => Promise<void>
}
