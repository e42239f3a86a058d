import type { RateLimitTerms, Store } from '@ilp/store-traits'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Stores } from './given.js'

const stores = new Stores()
let server: RedisServer
let client: Redis
let store: Store
beforeAll(async () => {
  server = await redisServer()
  client = new Redis(server.url)
  store = await stores.open(server.url, { prefix: server.prefix })
})
afterAll(async () => {
  client?.disconnect()
  await stores.stop()
  await server?.stop()
})

const PARTS = 60_000n
const keyOf = (bucket: string) => `{${server.prefix}}:bucket:${bucket}`
const min = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** What the server keeps of a bucket. */
async function kept(bucket: string) {
  const text = await client.get(keyOf(bucket))
  if (text === null) return undefined
  const [atMs, level, perMinute, capacity] = text.split(' ').map(BigInt) as [bigint, bigint, bigint, bigint]
  return { atMs, level, perMinute, capacity }
}

const size = fc.oneof(
  fc.bigInt({ min: 1n, max: 50n }),
  fc.bigInt({ min: 1n, max: 2n ** 70n }),
  fc.bigInt({ min: 1n, max: 10n ** 50n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 10n ** 10n, 10n ** 10n - 1n, 10n ** 20n - 1n),
)

interface Case {
  readonly former: RateLimitTerms
  readonly capacity: bigint
  /** Of the former capacity, in millionths. */
  readonly filled: bigint
  readonly agoMs: number
  readonly tokens: bigint
  readonly does: 'take' | 'give'
}

const cases = fc.record<Case>({
  former: fc.record({ perMinute: fc.oneof(fc.constant(0n), size), capacity: size }),
  capacity: size,
  filled: fc.bigInt({ min: 0n, max: 999_999n }),
  agoMs: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 10_000_000 }), fc.integer({ min: 0, max: 1e12 })),
  tokens: size,
  does: fc.constantFrom('take', 'give'),
})

it('a bucket is reckoned with to the 60,000th of a token, whatever it holds and however long it was left', async () => {
  let runs = 0
  const run = async ({ former, capacity, filled, agoMs, tokens, does }: Case) => {
    const bucket = `any-${runs++}`
    const before = (former.capacity * PARTS * filled) / 1_000_000n
    const atMs = BigInt(Date.now() - agoMs)
    await client.set(keyOf(bucket), [atMs, before, former.perMinute, former.capacity * PARTS].join(' '))
    // Nothing comes into it any more, so that it can be looked at.
    const terms = { perMinute: 0n, capacity }
    const taken = await store.rateLimits[does](bucket, terms, tokens)
    const after = await kept(bucket)
    const levelAt = (ms: bigint) =>
      [former.capacity * PARTS, capacity * PARTS].reduce(min, before + (ms - atMs) * former.perMinute)
    if (!after) {
      // It has become full, and is not kept.
      expect(does).toBe('give')
      expect(levelAt(BigInt(Date.now())) + tokens * PARTS).toBeGreaterThanOrEqual(capacity * PARTS)
      return
    }
    const level = levelAt(after.atMs)
    const change = does === 'take' ? -min(tokens, level / PARTS) : tokens
    if (does === 'take') expect(taken).toBe(-change)
    expect(after).toMatchObject({ perMinute: 0n, level: level + change * PARTS, capacity: capacity * PARTS })
  }
  await fc.assert(fc.asyncProperty(cases, run), { numRuns: 500 })
})

describe('a bucket that is full', () => {
  it('is not kept, and one that is not is kept until it is', async () => {
    // Ten come in a millisecond.
    const terms = { perMinute: 600_000n, capacity: 10_000n }
    await store.rateLimits.take('one', terms, 10_000n)
    const leftMs = await client.pttl(keyOf('one'))
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(1_002)
    await store.rateLimits.give('one', terms, 10_000n)
    expect(await kept('one')).toBeUndefined()
  })

  it.each([
    ['that nothing comes into', { perMinute: 0n, capacity: 10n }],
    ['that takes for ever', { perMinute: 1n, capacity: 10n ** 400n }],
  ])('again never, %s, is kept for good', async (_, terms) => {
    await store.rateLimits.take('still', terms, terms.capacity)
    expect(await client.pttl(keyOf('still'))).toBe(-1)
    await client.del(keyOf('still'))
  })
})
