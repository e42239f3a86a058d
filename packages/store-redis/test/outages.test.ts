import { ALICE, BOB, commit, holds, LONG, reserve, stored, storeOutages } from '@ilp/store-processes'
import { redisProcess, type ServerProcess } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRedisStore } from '../src/index.js'
import { redisStores, secrets } from './given.js'

const stores = redisStores()
let server: ServerProcess

beforeAll(async () => {
  server = await redisProcess({ inMemory: true })
})
afterAll(() => server?.stop())
afterEach(() => stores.stop())

describe('the Redis store', () => {
  const tests = storeOutages({
    server: () => server,
    startServer: () => redisProcess({ inMemory: true }),
    createStore: (connection, prefix, timeoutMs) =>
      createRedisStore({ connection, secrets }, { prefix, timeoutMs }),
    octets: { operations: 300, answer: 2 },
  })
  for (const { name, run } of tests) it(name, run)
})

it('a server may forget its scripts at any time', async () => {
  const store = await stores.open(server.url, { prefix: 'scripts' })
  const session = await store.ledger.openSession(LONG)
  const admin = new Redis(server.url)
  for (let seq = 1; seq <= 3; seq++) {
    await admin.script('FLUSH')
    expect(await store.ledger.apply(session, seq, [reserve, commit])).toEqual(['done', 'done'])
  }
  admin.disconnect()
  expect((await store.ledger.readBalance(ALICE.id)).balance).toBe(-9n)
})

it('what is held in memory is read again when the server has been emptied', async () => {
  const own = await redisProcess({ inMemory: true })
  try {
    const store = await stores.open(own.url)
    await store.accounts.put(stored(ALICE.id))
    const changes: unknown[] = []
    store.accounts.watch(({ id, account }) => changes.push([id, account?.id]))
    const admin = new Redis(own.url)
    await admin.flushall()
    admin.disconnect()
    const other = await stores.open(own.url)
    await other.accounts.put(stored(BOB.id))
    await other.address.set('test.node')
    await holds(() => store.accounts.get(ALICE.id) === undefined && store.accounts.get(BOB.id) !== undefined)
    expect(changes).toContainEqual([ALICE.id, undefined])
  } finally {
    await own.stop()
  }
})
