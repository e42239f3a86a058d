import { type Logger, silentLogger } from '@ilp/service-core'
import { ALICE, commit, LONG, reserve, stored } from '@ilp/store-processes'
import type { StoreProperties } from '@ilp/store-traits'
import { type PostgresServer, postgresProcess, postgresServer } from '@ilp/test-servers'
import { Client, type ClientConfig } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createPostgresStore } from '../src/index.js'
import { MIGRATIONS } from '../src/migrations/index.js'
import { ask, postgresStores, secrets } from './given.js'

const stores = postgresStores()
let server: PostgresServer

beforeAll(async () => {
  server = await postgresServer()
})
afterAll(() => server?.stop())
afterEach(() => stores.stop())

async function propertiesOn(settings: Record<string, string>): Promise<StoreProperties> {
  await using own = await postgresProcess({ inMemory: true, settings })
  const store = await stores.open(own.url)
  const properties = store.properties()
  await store.stop()
  return properties
}

describe('what the server may lose', () => {
  it('is nothing when it flushes what it acknowledges', async () => {
    expect(await propertiesOn({})).toEqual({ loses: undefined, shared: true })
  })

  it('is nothing where commits are not flushed unless asked to: this store asks', async () => {
    await using own = await postgresProcess({ inMemory: true, settings: { synchronous_commit: 'off' } })
    const store = await stores.open(own.url)
    expect(store.properties().loses).toBeUndefined()
    const session = await store.ledger.openSession(LONG)
    await store.ledger.apply(session, 1, [reserve, commit])
    await own.kill()
    await own.restart()
    expect(await ask(own.url, "SELECT balance FROM ilp.balances WHERE account = 'alice'")).toEqual([['-3']])
    await store.stop()
  })

  it.each<[Record<string, string>, RegExp]>([
    [{ fsync: 'off' }, /anything.*fsync is off/],
    [{ full_page_writes: 'off' }, /pages.*full_page_writes is off/],
  ])('is said with %j, and told to the operator', async (settings, expected) => {
    await using own = await postgresProcess({ inMemory: true, settings })
    const warnings: object[] = []
    const logger: Logger = { ...silentLogger, warn: fields => void warnings.push(fields) }
    const store = await stores.open(own.url, {}, logger)
    expect(store.properties().loses).toMatch(expected)
    expect(warnings).toEqual([{ loses: expect.stringMatching(expected) }])
    await store.stop()
  })
})

it('what a standby lacks that may take over is said to be lost', async () => {
  await using own = await postgresProcess({ inMemory: true })
  // As a standby connects.
  const standby = new Client({ connectionString: own.url, replication: 'true' } as ClientConfig)
  await standby.connect()
  const store = await stores.open(own.url)
  expect(store.properties().loses).toMatch(/standby/)
  await standby.end()
  await store.stop()
})

describe('the layout', () => {
  it('is made once by several that start at once', async () => {
    const url = await server.createDatabase()
    await Promise.all(Array.from({ length: 6 }, () => stores.open(url)))
    expect(await ask(url, 'SELECT version FROM ilp.layout')).toEqual([[MIGRATIONS.length]])
  })

  it('of a newer program is refused, and left as it is', async () => {
    const url = await server.createDatabase()
    await ask(url, 'CREATE SCHEMA ilp')
    const newer = MIGRATIONS.length + 1
    await ask(url, `CREATE TABLE ilp.layout AS SELECT ${newer} AS version`)
    await expect(stores.open(url)).rejects.toMatchObject({
      code: 'ERR_STORE_TOO_NEW',
      message: expect.stringMatching(new RegExp(`version ${newer}.*up to ${MIGRATIONS.length}`)),
    })
    const tables = await ask(
      url,
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'ilp'",
    )
    expect(tables).toEqual([['layout']])
  })

  it('is made in a schema that was made before, by a user who may not make any', async () => {
    const url = new URL(await server.createDatabase())
    const user = `user_${url.pathname.slice(-8)}`
    await ask(url.href, `CREATE ROLE ${user} LOGIN PASSWORD 'password'`)
    await ask(url.href, `CREATE SCHEMA money AUTHORIZATION ${user}`)
    const own = new URL(url)
    Object.assign(own, { username: user, password: 'password' })
    const store = await stores.open(own.href, { schema: 'money' })
    expect(await store.accounts.put(stored(ALICE.id))).toBe('stored')
    await stores.stop()
    await ask(url.href, `DROP OWNED BY ${user}`)
    await ask(url.href, `DROP ROLE ${user}`)
  })

  it('is that of its schema alone', async () => {
    const url = await server.createDatabase()
    const [one, other] = [await stores.open(url), await stores.open(url, { schema: 'other' })]
    await one.accounts.put(stored(ALICE.id))
    await one.adjustments.adjust({ key: 'key', account: ALICE, amount: 5n, reason: '' })
    expect(other.accounts.all()).toEqual([])
    expect((await other.ledger.readBalance(ALICE.id)).balance).toBe(0n)
    expect(
      await ask(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
    ).toEqual([['0']])
  })
})

describe('what can not be kept', () => {
  it('is refused, and nothing is out of reach for it', async () => {
    const store = await stores.open(await server.createDatabase())
    const nul = { ...ALICE, asset: { code: 'U\0D', scale: 9 } }
    const session = await store.ledger.openSession(LONG)
    const { transfer } = reserve
    await expect(
      store.ledger.apply(session, 1, [{ kind: 'commit', transfer: { ...transfer, from: nul } }]),
    ).rejects.toThrow(TypeError)
    await expect(store.accounts.put({ ...stored(ALICE.id), username: 'a\0' })).rejects.toThrow(TypeError)
    expect(await store.ledger.apply(session, 1, [reserve])).toEqual(['done'])
  })

  it.each(['', 'Ilp', 'a-b', 'a"b', '1a', 'a'.repeat(51)])('is the schema %j', schema => {
    expect(() => createPostgresStore({ connection: 'postgres://x', secrets }, { schema })).toThrow(TypeError)
  })
})
