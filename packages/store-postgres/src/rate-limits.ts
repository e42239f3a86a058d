import { checkTokens, type RateLimitStore } from '@ilp/store-traits'
import type { Backend } from './backend.js'

export function postgresRateLimits(backend: Backend): RateLimitStore {
  return {
    take: async (bucket, terms, wanted) => {
      backend.check()
      checkTokens(bucket, terms, wanted)
      const values = [bucket, `${terms.perMinute}`, `${terms.capacity}`, `${wanted}`]
      const [[taken] = []] = await backend.query('SELECT take_tokens($1, $2, $3, $4)', values)
      return BigInt(taken as string)
    },
    give: async (bucket, terms, tokens) => {
      backend.check()
      checkTokens(bucket, terms, tokens)
      const values = [bucket, `${terms.perMinute}`, `${terms.capacity}`, `${tokens}`]
      await backend.query('SELECT give_tokens($1, $2, $3, $4)', values)
    },
  }
}
