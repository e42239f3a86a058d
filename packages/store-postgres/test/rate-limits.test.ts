import type { RateLimitTerms, Store } from '@ilp/store-traits'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { persist, Stores } from './given.js'

const stores = new Stores()
let server: PostgresServer
let client: Client
let store: Store
beforeAll(async () => {
  server = await postgresServer()
  const url = await server.createDatabase()
  client = new Client({ connectionString: url })
  await client.connect()
  store = await stores.open(url)
})
afterAll(async () => {
  await client?.end()
  await stores.stop()
  await server?.stop()
})

const PARTS = 60_000n
const min = (one: bigint, other: bigint): bigint => (one < other ? one : other)

/** What the server keeps of a bucket. */
async function kept(bucket: string) {
  const { rows } = await client.query({
    text: 'SELECT at_ms, level, per_minute, capacity FROM ilp.buckets WHERE name = $1',
    values: [bucket],
    rowMode: 'array',
  })
  const [atMs = 0n, level = 0n, perMinute = 0n, capacity = 0n] = ((rows[0] ?? []) as string[]).map(BigInt)
  return rows.length > 0 ? { atMs, level, perMinute, capacity } : undefined
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
    const values = [bucket, before, former.perMinute, former.capacity * PARTS, atMs]
    await client.query('INSERT INTO ilp.buckets VALUES ($1, $2, $3, $4, $5)', values)
    // Nothing comes into it any more, so that it can be looked at.
    const terms = { perMinute: 0n, capacity }
    const taken = await store.rateLimits[does](bucket, terms, tokens)
    const after = await kept(bucket)
    const levelAt = (ms: bigint) =>
      [former.capacity * PARTS, capacity * PARTS].reduce(min, before + (ms - atMs) * former.perMinute)
    if (!after) throw new Error('the bucket is gone')
    const level = levelAt(after.atMs)
    const change = does === 'take' ? -min(tokens, level / PARTS) : tokens
    if (does === 'take') expect(taken).toBe(-change)
    const left = min(level + change * PARTS, capacity * PARTS)
    expect(after).toMatchObject({ perMinute: 0n, level: left, capacity: capacity * PARTS })
  }
  await fc.assert(fc.asyncProperty(cases, run), { numRuns: 500 })
})

it('buckets that are full again are removed in time, the others are kept', async () => {
  const [slow, fast] = [
    { perMinute: 0n, capacity: 10n },
    { perMinute: 60_000n, capacity: 10n },
  ]
  await store.rateLimits.take('slow', slow, 10n)
  for (let i = 0; i < 20; i++) await store.rateLimits.take(`fast-${i}`, fast, 10n)
  await persist(async () => {
    await store.rateLimits.take('slow', slow, 1n)
    const { rows } = await client.query(
      "SELECT name FROM ilp.buckets WHERE name LIKE '%-%' AND name NOT LIKE 'any%'",
    )
    expect(rows).toEqual([])
  })
  expect(await kept('slow')).toMatchObject({ level: 0n })
})
