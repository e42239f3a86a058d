import { checkTokens, type RateLimitStore, type RateLimitTerms } from '@ilp/store-traits'
import type { Backend } from './backend.js'
import type { Keys } from './keys.js'
import { GIVE, TAKE } from './lua/rate-limits.js'

/** Levels are counted in these of a token, as many as there are milliseconds in a minute. */
const PARTS = 60_000n

export function redisRateLimits(backend: Backend, keys: Keys): RateLimitStore {
  const args = ({ perMinute, capacity }: RateLimitTerms, tokens: bigint) =>
    [perMinute, capacity * PARTS, tokens * PARTS].map(String)
  return {
    take: async (bucket, terms, wanted) => {
      backend.check()
      checkTokens(bucket, terms, wanted)
      const taken = await backend.run(TAKE, [keys.bucket(bucket)], [...args(terms, wanted), String(wanted)])
      return BigInt(taken as string)
    },
    give: async (bucket, terms, tokens) => {
      backend.check()
      checkTokens(bucket, terms, tokens)
      await backend.run(GIVE, [keys.bucket(bucket)], args(terms, tokens))
    },
  }
}
