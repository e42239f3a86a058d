import { accountId } from '@ilp/service-core'
import type { SessionId, Store } from '@ilp/store-traits'
import { postgresProcess, type ServerProcess, type TcpProxy, tcpProxy } from '@ilp/test-servers'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ALICE, ask, BOB, commit, holds, LONG, persist, reserve, Stores, stored } from './given.js'

const unavailable = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' }
const stores = new Stores()
let server: ServerProcess
let proxy: TcpProxy
let count = 0
let schema: string

beforeAll(async () => {
  server = await postgresProcess({ inMemory: true })
})
afterAll(() => server?.stop())
beforeEach(async () => {
  proxy = await tcpProxy(server.url)
  schema = `outages_${count++}`
})
afterEach(async () => {
  await stores.stop()
  await proxy.stop()
})

const open = (timeoutMs = 2_000) => stores.open(proxy.url, { schema, timeoutMs })

/** A batch whose double application would show. */
const BATCH = [reserve, reserve, commit]

async function expectOnce({ ledger }: Store, batches: bigint): Promise<void> {
  expect(await ledger.readBalance(ALICE.id)).toEqual({
    balance: -3n * batches,
    heldOut: 3n * batches,
    heldIn: 0n,
  })
  expect(await ledger.readBalance(BOB.id)).toEqual({
    balance: 2n * batches,
    heldOut: 0n,
    heldIn: 2n * batches,
  })
  expect(await ledger.readPositions()).toEqual([
    { asset: ALICE.asset, balance: batches, settled: 0n, adjusted: 0n },
  ])
}

describe('a batch whose connection is cut', () => {
  it.each([
    ['before it reaches the server', { toServer: 0 }],
    ['within its first octets', { toServer: 20 }],
    ['within its operations', { toServer: 200 }],
    ['behind it, before its answer', { toClient: 0 }],
    ['within its answer', { toClient: 20 }],
  ])('%s, is applied once when it is sent again', async (_, point) => {
    const store = await open()
    const direct = await stores.open(server.url, { schema })
    const session = await store.ledger.openSession(LONG)
    await store.ledger.apply(session, 1, BATCH)
    const cut = proxy.cutAt(point)
    await expect(store.ledger.apply(session, 2, BATCH)).rejects.toMatchObject(unavailable)
    await cut
    expect(await persist(() => store.ledger.apply(session, 2, BATCH))).toEqual(['done', 'done', 'done'])
    expect(await store.ledger.apply(session, 2, BATCH)).toEqual(['done', 'done', 'done'])
    await expectOnce(direct, 2n)
  })

  it('again and again at random points, is applied once', async () => {
    const store = await open()
    const session = await store.ledger.openSession(LONG)
    for (let seq = 1; seq <= 40; seq++) {
      const octets = (seq * 97) % 400
      const cut = proxy.cutAt(seq % 2 ? { toServer: octets } : { toClient: octets % 60 })
      expect(await persist(() => store.ledger.apply(session, seq, BATCH))).toEqual(['done', 'done', 'done'])
      // What is left of the way to the point is made by what follows.
      let isCut = false
      const passed = cut.then(() => {
        isCut = true
      })
      while (!isCut) await persist(() => store.ledger.renewSession(session))
      await passed
    }
    await persist(() => expectOnce(store, 40n))
  })
})

describe('money that is moved in other ways while the connection is cut', () => {
  it.each([
    ['before it reaches the server', { toServer: 0 }],
    ['before its answer', { toClient: 0 }],
  ])('%s, is moved once', async (_, point) => {
    const store = await open()
    const terms = { threshold: 1n, settleTo: 0n }
    const credit = {
      key: 'key',
      account: ALICE,
      quantity: { amount: 10n ** 20n + 15n, scale: ALICE.asset.scale + 1 },
    }
    const adjustment = { key: 'key', account: BOB, amount: 2n ** 90n, reason: 'a bank transfer' }
    const cutOnce = async <T>(act: () => Promise<T>): Promise<T> => {
      const cut = proxy.cutAt(point)
      await expect(act()).rejects.toMatchObject(unavailable)
      await cut
      return persist(act)
    }
    expect(await cutOnce(() => store.settlements.credit(credit))).toBe(10n ** 19n + 1n)
    expect(await cutOnce(() => store.adjustments.adjust(adjustment))).toBe('posted')
    const settlement = await cutOnce(() => store.settlements.settle(BOB, terms))
    expect(settlement?.amount).toBe(2n ** 90n)
    expect(await persist(() => store.settlements.readOutbox())).toEqual([settlement])
    await cutOnce(() => store.settlements.acknowledge(settlement?.key ?? ''))
    expect(await store.settlements.readOutbox()).toEqual([])
    expect((await store.ledger.readBalance(ALICE.id)).balance).toBe(10n ** 19n + 1n)
    expect((await store.ledger.readBalance(BOB.id)).balance).toBe(0n)
    expect(await store.adjustments.read(BOB.id)).toHaveLength(1)
    expect(await store.ledger.readPositions()).toEqual([
      { asset: ALICE.asset, balance: 0n, settled: 2n ** 90n - 10n ** 19n - 1n, adjusted: -(2n ** 90n) },
    ])
  })
})

describe('a server that goes away', () => {
  it('is reported at once, and used again when it is back with all that it acknowledged', async () => {
    await using own = await postgresProcess({ inMemory: true })
    const store = await stores.open(own.url, { schema })
    const session = await store.ledger.openSession(LONG)
    await store.ledger.apply(session, 1, BATCH)
    await own.kill()
    const askedMs = performance.now()
    await expect(store.ledger.apply(session, 2, BATCH)).rejects.toMatchObject(unavailable)
    await expect(store.accounts.put(stored(ALICE.id))).rejects.toMatchObject(unavailable)
    expect(performance.now() - askedMs).toBeLessThan(500)
    await own.restart()
    await persist(() => store.ledger.apply(session, 2, BATCH))
    await persist(() => expectOnce(store, 2n))
    expect(await persist(() => store.accounts.put(stored(ALICE.id)))).toBe('stored')
    await store.stop()
  })

  it('is killed again and again while batches come, and has each of them once', async () => {
    await using own = await postgresProcess({ inMemory: true })
    const store = await stores.open(own.url, { schema })
    const session = await store.ledger.openSession(LONG)
    let isOver = false
    const kills = (async () => {
      for (let i = 0; i < 3; i++) {
        const before = await persist(() => store.ledger.readBalance(ALICE.id))
        await persist(async () => {
          expect((await store.ledger.readBalance(ALICE.id)).balance).toBeLessThan(before.balance)
        })
        await own.kill()
        await own.restart()
      }
      isOver = true
    })()
    let seq = 0n
    while (!isOver) {
      seq += 1n
      await persist(() => store.ledger.apply(session, Number(seq), BATCH))
    }
    await kills
    await persist(() => expectOnce(store, seq))
    await store.stop()
  })

  it('is reported within the timeout when it is silent, and applied what it had got once', async () => {
    await using own = await postgresProcess({ inMemory: true })
    const store = await stores.open(own.url, { schema, timeoutMs: 1_000 })
    const session = await store.ledger.openSession(LONG)
    await own.pause()
    const askedMs = performance.now()
    const asked = [1, 2, 3].map(() => store.ledger.apply(session, 1, BATCH))
    for (const each of await Promise.allSettled(asked)) {
      expect(each).toMatchObject({ status: 'rejected', reason: unavailable })
    }
    expect(performance.now() - askedMs).toBeLessThan(2_500)
    await own.resume()
    await persist(() => store.ledger.apply(session, 1, BATCH))
    await persist(() => expectOnce(store, 1n))
    await store.stop()
  })

  it('fails a start that can not reach it, which can be stopped', async () => {
    proxy.refuse(true)
    await expect(open()).rejects.toMatchObject(unavailable)
  })
})

it('a lock that somebody else holds for too long keeps a batch from being applied, also later', async () => {
  const store = await open(1_000)
  const direct = await stores.open(server.url, { schema })
  const session = await direct.ledger.openSession(LONG)
  await direct.ledger.apply(session, 1, BATCH)
  const other = new Client({ connectionString: server.url })
  await other.connect()
  await other.query(`BEGIN; SELECT FROM ${schema}.balances WHERE account = 'alice' FOR UPDATE`)
  await expect(store.ledger.apply(session, 2, BATCH)).rejects.toMatchObject(unavailable)
  await persist(async () => {
    expect(await ask(server.url, "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).toEqual([])
  })
  await other.end()
  await expectOnce(direct, 1n)
  await persist(() => store.ledger.apply(session, 2, BATCH))
  await expectOnce(direct, 2n)
})

describe('what is held in memory', () => {
  it('is in force in another store within 100 ms', async () => {
    const [one, other] = [await open(), await open()]
    const tookMs: number[] = []
    for (let i = 0; i < 21; i++) {
      const id = accountId(`account-${i}`)
      await one.accounts.put(stored(id))
      await one.credentials.setIncomingTokens(id, 'btp', [`token ${i}`])
      const told = new Promise<void>(resolve => other.routes.watch(() => resolve()))
      const fromMs = performance.now()
      await one.routes.put({ prefix: 'test.there', account: id })
      await told
      tookMs.push(performance.now() - fromMs)
      expect(other.routes.all()).toEqual([{ prefix: 'test.there', account: id }])
      expect(other.credentials.authenticate('btp', `token ${i}`)).toBe(id)
      expect(other.accounts.get(id)).toEqual(stored(id))
    }
    // The median: other tests may take the processor for longer than that.
    expect(tookMs.sort((a, b) => a - b)[10]).toBeLessThan(100)
  })

  it('is told whole, however long it is, while others tell of changes as well', async () => {
    const [one, other] = [await open(), await open()]
    const lengths = [0, 1_800, 1_900, 3_900, 100_000]
    const username = (length: number) => `${'ü'.repeat(length)}${length}`
    const ids = lengths.map(length => accountId(`account-${length}`))
    const session = await other.ledger.openSession(LONG)
    let seq = 0
    const put = ids.map((id, i) =>
      one.accounts.put({ ...stored(id), extra: username(lengths[i] ?? 0) } as never),
    )
    const routes = ids.map((id, i) => other.routes.put({ prefix: `test.r${i}`, account: id }))
    // Nothing is ever read again for it: the ledger takes batches all the while.
    for (let i = 0; i < 20; i++) await other.ledger.apply(session, ++seq, BATCH)
    await Promise.all([...put, ...routes])
    for (const store of [one, other]) {
      await holds(
        () => store.accounts.all().length === ids.length && store.routes.all().length === ids.length,
      )
      ids.forEach((id, i) => {
        expect(store.accounts.get(id)).toEqual({ ...stored(id), extra: username(lengths[i] ?? 0) })
      })
    }
  })

  it('is read again after a lost connection, with the differences announced, before the ledger takes anything', async () => {
    const direct = await stores.open(server.url, { schema })
    const kept = accountId('kept')
    const gone = accountId('gone')
    const moved = accountId('moved')
    for (const id of [kept, gone, moved]) await direct.accounts.put(stored(id))
    await direct.credentials.setIncomingTokens(kept, 'btp', ['old'])
    await direct.routes.put({ prefix: 'test.gone', account: gone })
    const store = await open()
    const session = await store.ledger.openSession(LONG)
    const heard: unknown[] = []
    store.accounts.watch(({ id, account }) => heard.push([id, account?.username]))
    store.routes.watch(change => heard.push(change))
    store.address.watch(address => heard.push(address))
    store.credentials.watch(change => heard.push(change))
    store.rates.watch(({ asOfMs }) => heard.push(asOfMs))

    proxy.refuse(true)
    proxy.cut()
    await direct.accounts.remove(gone)
    await direct.accounts.put({ ...stored(moved), username: 'elsewhere' })
    await direct.credentials.setIncomingTokens(kept, 'btp', ['new'])
    await direct.routes.remove('test.gone')
    await direct.routes.put({ prefix: 'test.new', account: kept })
    await direct.address.set('test.node')
    await direct.rates.set({ rates: { USD: '1' }, asOfMs: 5 })
    expect(heard).toEqual([])
    await expect(store.ledger.apply(session, 1, BATCH)).rejects.toMatchObject(unavailable)
    proxy.refuse(false)

    await persist(() => store.ledger.apply(session, 1, BATCH))
    expect(store.accounts.get(gone)).toBeUndefined()
    expect(store.accounts.byUsername('moved')).toBeUndefined()
    expect(store.accounts.byUsername('elsewhere')?.id).toBe(moved)
    expect(store.credentials.authenticate('btp', 'old')).toBeUndefined()
    expect(store.credentials.authenticate('btp', 'new')).toBe(kept)
    expect(store.address.get()).toBe('test.node')
    expect(store.routes.all()).toEqual([{ prefix: 'test.new', account: kept }])
    expect(heard).toHaveLength(7)
    expect(heard).toEqual(
      expect.arrayContaining([
        [gone, undefined],
        [moved, 'elsewhere'],
        { prefix: 'test.gone', account: undefined },
        { prefix: 'test.new', account: kept },
        { account: kept, link: 'btp' },
        'test.node',
        5,
      ]),
    )
  })

  it('is read again when a change was missed, or the server tells what this program does not', async () => {
    const store = await open()
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
})

it('a session that no store opened is unknown, also with an empty batch', async () => {
  const store = await open()
  await expect(store.ledger.apply('nobody' as SessionId, 1, [])).rejects.toMatchObject({
    code: 'ERR_SESSION_UNKNOWN',
  })
})
