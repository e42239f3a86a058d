import { bucketArithmetic, persist } from '@ilp/store-processes'
import type { Store } from '@ilp/store-traits'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postgresStores } from './given.js'

const stores = postgresStores()
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

const arithmetic = bucketArithmetic({
  rateLimits: () => store.rateLimits,
  write: (name, { level, perMinute, capacity, atMs }) =>
    client.query('INSERT INTO ilp.buckets VALUES ($1, $2, $3, $4, $5)', [
      name,
      level,
      perMinute,
      capacity,
      atMs,
    ]),
  read: kept,
})
it(arithmetic.name, arithmetic.run)

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
