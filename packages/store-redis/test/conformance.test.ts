import { storeConformance, TRAITS } from '@ilp/store-conformance'
import { createSecrets } from '@ilp/store-traits'
import { type RedisServer, redisServer } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { createRedisStore } from '../src/index.js'
import { dump } from './dump.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))
let server: RedisServer
let client: Redis
let count = 0

beforeAll(async () => {
  server = await redisServer()
  client = new Redis(server.url)
})

afterAll(async () => {
  client?.disconnect()
  await server?.stop()
})

describe('the Redis store', () => {
  const tests = storeConformance({
    traits: TRAITS,
    createBackend: () => `${server.prefix}-${count++}`,
    createStore: prefix =>
      createRedisStore({ connection: server.url, secrets }, { prefix, timeoutMs: 20_000 }),
    concurrent: true,
    durable: true,
    dump: prefix => dump(client, prefix),
    // Other tests run beside these, and may hold up any step for a while.
    leaseMs: 1_000,
    feedMs: 20_000,
  })
  // Those that wait for leases to run out wait together.
  for (const { name, run } of tests) it.concurrent(name, run)
})
