import { storeConformance, TRAITS } from '@ilp/store-conformance'
import { createSecrets } from '@ilp/store-traits'
import { type PostgresServer, postgresServer } from '@ilp/test-servers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createPostgresStore } from '../src/index.js'
import { dump } from './dump.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))
let server: PostgresServer
let url: string
let count = 0

beforeAll(async () => {
  server = await postgresServer()
  url = await server.createDatabase()
})
afterAll(() => server?.stop())

describe('the Postgres store', () => {
  const tests = storeConformance({
    traits: TRAITS,
    createBackend: () => `test_${count++}`,
    // Hundreds ask at once, on a machine that other tests use as well.
    createStore: schema => createPostgresStore({ connection: url, secrets }, { schema, timeoutMs: 20_000 }),
    concurrent: true,
    durable: true,
    dump: schema => dump(url, schema),
    // Other tests run beside these, and may hold up any step for a while.
    leaseMs: 1_000,
    feedMs: 20_000,
    // Every step of one is several round trips.
    histories: 30,
  })
  // Those that wait for leases to run out wait together.
  for (const { name, run } of tests) it.concurrent(name, run)
})
