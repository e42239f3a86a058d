import { bucketArithmetic } from '@ilp/store-processes'
import type { Store } from '@ilp/store-traits'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisStores } from './given.js'

const stores = redisStores()
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

const keyOf = (bucket: string) => `{${server.prefix}}:bucket:${bucket}`

/** What the server keeps of a bucket. */
async function kept(bucket: string) {
  const text = await client.get(keyOf(bucket))
  if (text === null) return undefined
  const [atMs, level, perMinute, capacity] = text.split(' ').map(BigInt) as [bigint, bigint, bigint, bigint]
  return { atMs, level, perMinute, capacity }
}

const arithmetic = bucketArithmetic({
  rateLimits: () => store.rateLimits,
  write: (name, { atMs, level, perMinute, capacity }) =>
    client.set(keyOf(name), [atMs, level, perMinute, capacity].join(' ')),
  read: kept,
})
it(arithmetic.name, arithmetic.run)

describe('a bucket that is full', () => {
  it('is not kept, and one that is not is kept until it is', async () => {
    // One comes in a millisecond.
    const terms = { perMinute: 60_000n, capacity: 60_000n }
    await store.rateLimits.take('one', terms, 60_000n)
    const leftMs = await client.pttl(keyOf('one'))
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(60_002)
    await store.rateLimits.give('one', terms, 60_000n)
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
