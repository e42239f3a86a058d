import { ALICE, commit, holds, LONG, persist, reserve, stored, storeOutages } from '@ilp/store-processes'
import { postgresProcess, type ServerProcess } from '@ilp/test-servers'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPostgresStore } from '../src/index.js'
import { ask, postgresStores, secrets } from './given.js'

const stores = postgresStores()
let server: ServerProcess
let count = 0
let schema: string

beforeAll(async () => {
  server = await postgresProcess({ inMemory: true })
})
afterAll(() => server?.stop())
beforeEach(() => {
  schema = `own_outages_${count++}`
})
afterEach(() => stores.stop())

describe('the Postgres store', () => {
  const tests = storeOutages({
    server: () => server,
    startServer: () => postgresProcess({ inMemory: true }),
    createStore: (connection, schema, timeoutMs) =>
      createPostgresStore({ connection, secrets }, { schema, timeoutMs }),
    octets: { operations: 200, answer: 20 },
  })
  for (const { name, run } of tests) it(name, run)
})

it('a lock that somebody else holds for too long keeps a batch from being applied, also later', async () => {
  const batch = [reserve, reserve, commit]
  const direct = await stores.open(server.url, { schema })
  const store = await stores.open(server.url, { schema, timeoutMs: 2_000 })
  const balance = async () => (await direct.ledger.readBalance(ALICE.id)).balance
  const session = await direct.ledger.openSession(LONG)
  await direct.ledger.apply(session, 1, batch)
  const other = new Client({ connectionString: server.url })
  await other.connect()
  await other.query(`BEGIN; SELECT FROM ${schema}.balances WHERE account = 'alice' FOR UPDATE`)
  await expect(store.ledger.apply(session, 2, batch)).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
  })
  await persist(async () => {
    expect(await ask(server.url, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).toEqual([])
  })
  await other.end()
  expect(await balance()).toBe(-3n)
  await persist(() => store.ledger.apply(session, 2, batch))
  expect(await balance()).toBe(-6n)
})

it('what is held in memory is read again when a change was missed, or the server tells what this program does not', async () => {
  const store = await stores.open(server.url, { schema })
  await store.accounts.put(stored(ALICE.id))
  await ask(server.url, `DELETE FROM ${schema}.accounts`)
  await ask(server.url, `UPDATE ${schema}.revision SET n = n + 1`)
  await store.address.set('test.node')
  await holds(() => store.accounts.get(ALICE.id) === undefined)
  for (const payload of ['nothing', '4 0 nothing', '4 0 []', '']) {
    await ask(server.url, 'SELECT pg_notify($1, $2)', [`${schema}_changes`, payload])
  }
  await persist(() => store.address.set('test.another'))
  expect(store.address.get()).toBe('test.another')
})
