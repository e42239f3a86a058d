import type { Logger } from '@ilp/service-core'
import { silentLogger } from '@ilp/service-core'
import { ALICE, commit, LONG, reserve } from '@ilp/store-processes'
import type { StoreProperties } from '@ilp/store-traits'
import { type RedisOptions, redisProcess, type ServerProcess } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, it } from 'vitest'
import { redisStores } from './given.js'

const stores = redisStores()
const open: AsyncDisposable[] = []
afterEach(async () => {
  await stores.stop()
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

async function start(options: RedisOptions = {}): Promise<ServerProcess> {
  const server = await redisProcess({ inMemory: true, ...options })
  open.push(server)
  return server
}

async function admin<T>({ url }: ServerProcess, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url)
  try {
    return await act(client)
  } finally {
    client.disconnect()
  }
}

async function propertiesOn(options: RedisOptions): Promise<StoreProperties> {
  const store = await stores.open((await start(options)).url)
  return store.properties()
}

describe('what the server may lose', () => {
  it('is nothing when each write is flushed', async () => {
    expect(await propertiesOn({ appendFsync: 'always' })).toEqual({ loses: undefined, shared: true })
  })

  it.each<[RedisOptions, RegExp]>([
    [{ appendFsync: 'everysec' }, /two seconds.*everysec/],
    [{ appendFsync: 'no' }, /appendfsync is no/],
    [{ appendOnly: false }, /everything since its last snapshot/],
    [{ args: ['--no-appendfsync-on-rewrite', 'yes'] }, /rewritten/],
    [{ args: ['--rename-command', 'CONFIG', ''] }, /CONFIG is refused/],
  ])('is said with %j', async (options, expected) => {
    expect((await propertiesOn(options)).loses).toMatch(expected)
  })

  it('is anything where the server tells nothing', async () => {
    const server = await start()
    await admin(server, client =>
      client.call('ACL', 'SETUSER', 'app', 'on', '>password', '~*', '&*', '+@all', '-config', '-info'),
    )
    const url = new URL(server.url)
    Object.assign(url, { username: 'app', password: 'password' })
    const store = await stores.open(url.href)
    expect(store.properties().loses).toMatch(/anything, .* maxmemory-policy/)
  })

  it('is told to the operator at the start', async () => {
    const warnings: object[] = []
    const logger: Logger = { ...silentLogger, warn: fields => void warnings.push(fields) }
    await stores.open((await start({ appendFsync: 'everysec' })).url, {}, logger)
    expect(warnings).toEqual([{ loses: expect.stringContaining('everysec') }])
  })

  it.each(['allkeys-lru', 'volatile-ttl'])('is too much under the eviction policy %s', async policy => {
    const server = await start({ args: ['--maxmemory-policy', policy] })
    await expect(stores.open(server.url)).rejects.toMatchObject({
      code: 'ERR_STORE_UNSAFE',
      message: expect.stringContaining(policy),
    })
    const hidden = await start({ args: ['--maxmemory-policy', policy, '--rename-command', 'CONFIG', ''] })
    await expect(stores.open(hidden.url)).rejects.toMatchObject({ code: 'ERR_STORE_UNSAFE' })
  })
})

it('a server whose memory is used up applies nothing of a batch, and takes it later', async () => {
  const server = await start()
  const store = await stores.open(server.url)
  const session = await store.ledger.openSession(LONG)
  await store.ledger.apply(session, 1, [reserve])
  await admin(server, client => client.config('SET', 'maxmemory', '1'))
  for (const operations of [[reserve], [commit]]) {
    await expect(store.ledger.apply(session, 2, operations)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    })
  }
  await expect(store.ledger.endSession(session)).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  await admin(server, client => client.config('SET', 'maxmemory', '0'))
  expect(await store.ledger.readBalance(ALICE.id)).toEqual({ balance: 0n, heldOut: 3n, heldIn: 0n })
  expect(await store.ledger.apply(session, 2, [commit])).toEqual(['done'])
  expect(await store.ledger.readBalance(ALICE.id)).toEqual({ balance: -3n, heldOut: 0n, heldIn: 0n })
})

it('a server whose memory is used up posts nothing of a settlement or an adjustment, and takes it later', async () => {
  const server = await start()
  const { ledger, settlements, adjustments } = await stores.open(server.url)
  const funds = { key: 'funds', account: ALICE, amount: 9n, reason: 'funds' }
  await adjustments.adjust(funds)
  const asked = [
    () => settlements.credit({ key: 'one', account: ALICE, quantity: { amount: 15n, scale: 10 } }),
    () => adjustments.adjust({ ...funds, key: 'one' }),
    () => settlements.settle(ALICE, { threshold: 1n, settleTo: 0n }),
  ]
  await admin(server, client => client.config('SET', 'maxmemory', '1'))
  for (const ask of asked) await expect(ask()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  await admin(server, client => client.config('SET', 'maxmemory', '0'))
  expect(await ledger.readPositions()).toEqual([
    { asset: ALICE.asset, balance: 0n, settled: 0n, adjusted: -9n },
  ])
  expect(await settlements.readOutbox()).toEqual([])
  const [credited, adjusted, settled] = [await asked[0]?.(), await asked[1]?.(), await asked[2]?.()]
  expect([credited, adjusted, settled]).toEqual([1n, 'posted', expect.objectContaining({ amount: 19n })])
  expect(await ledger.readPositions()).toEqual([
    { asset: ALICE.asset, balance: 0n, settled: 18n, adjusted: -18n },
  ])
})

it('a value that is not one of ours fails the batch before anything is written', async () => {
  const server = await start()
  const store = await stores.open(server.url)
  const session = await store.ledger.openSession(LONG)
  await admin(server, client => client.hset('{ilp}:balances', 'bob', 'many'))
  await expect(store.ledger.apply(session, 1, [reserve])).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
  })
  expect(await store.ledger.readBalance(ALICE.id)).toEqual({ balance: 0n, heldOut: 0n, heldIn: 0n })
  await admin(server, client => client.hdel('{ilp}:balances', 'bob'))
  expect(await store.ledger.apply(session, 1, [reserve])).toEqual(['done'])
})
