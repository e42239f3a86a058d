import { accountId } from '@ilp/service-core'
import { ALICE, BOB, commit, LONG, persist, reserve, stored } from '@ilp/store-processes'
import type { Store } from '@ilp/store-traits'
import { type RedisCluster, redisCluster, type ServerProcess } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { redisStores } from './given.js'

const stores = redisStores()
let cluster: RedisCluster
let first: ServerProcess
let second: ServerProcess
let third: ServerProcess
let count = 0
let prefix: string

beforeAll(async () => {
  cluster = await redisCluster()
  ;[first, second, third] = cluster.masters as [ServerProcess, ServerProcess, ServerProcess]
})
afterAll(() => cluster?.stop())
beforeEach(async () => {
  // One whose keys are where the replica is.
  do prefix = `cluster-${count++}`
  while ((await cluster.ownerOf(key())) !== first)
})
afterEach(() => stores.stop())

const key = () => `{${prefix}}`
const open = (...nodes: string[]) =>
  stores.open(nodes.length === 1 ? (nodes[0] as string) : nodes, { prefix })

/** Pays without a pause, sending again what it did not hear of. */
class Load {
  readonly #store: Store
  #isOver = false
  #paying: Promise<number> | undefined
  paid = 0

  constructor(store: Store) {
    this.#store = store
  }

  start(): void {
    this.#paying = this.#pay()
    // Whoever waits for it hears of it.
    this.#paying.catch(() => {})
  }

  /** Resolves when it has paid since. */
  async goesOn(): Promise<void> {
    const { paid } = this
    const goesOn = persist(async () => expect(this.paid).toBeGreaterThan(paid + 1))
    await Promise.race([goesOn, this.#paying])
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#paying
  }

  async #pay(): Promise<number> {
    const { ledger, settlements, adjustments } = this.#store
    const session = await ledger.openSession(LONG)
    for (let seq = 1; !this.#isOver; seq++) {
      await persist(() => ledger.apply(session, seq, [reserve, commit]))
      const one = { key: `${seq}`, account: ALICE }
      await persist(() => settlements.credit({ ...one, quantity: { amount: 1n, scale: 9 } }))
      await persist(() => adjustments.adjust({ ...one, amount: 2n, reason: 'what it paid' }))
      this.paid = seq
    }
    return this.paid
  }

  async expectExact(): Promise<void> {
    const { ledger } = this.#store
    const paid = BigInt(this.paid)
    expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: 0n, heldOut: 0n, heldIn: 0n })
    expect(await ledger.readBalance(BOB.id)).toEqual({ balance: 2n * paid, heldOut: 0n, heldIn: 0n })
    expect(await ledger.readPositions()).toEqual([
      { asset: ALICE.asset, balance: paid, settled: -paid, adjusted: -2n * paid },
    ])
  }
}

async function connectionsOn({ url }: ServerProcess): Promise<string> {
  const admin = new Redis(url)
  try {
    return String(await admin.client('LIST'))
  } finally {
    admin.disconnect()
  }
}

/** What one does is in force for the other. */
async function expectTold(one: Store, other: Store, name: string): Promise<void> {
  const told = new Promise<void>(resolve => other.accounts.watch(() => resolve()))
  await persist(() => one.accounts.put(stored(accountId(name))))
  await told
  expect(other.accounts.get(accountId(name))).toEqual(stored(accountId(name)))
}

it('any node leads to the one that has the keys', async () => {
  const [one, other] = [await open(second.url), await open(first.url)]
  const load = new Load(one)
  load.start()
  await expectTold(one, other, 'alice')
  await expectTold(other, one, 'bob')
  await load.goesOn()
  await load.end()
  await load.expectExact()
})

it('every step has its keys in one slot', async () => {
  const store = await open(second.url)
  const { accounts, credentials, address, routes, rates, ledger, settlements, adjustments } = store
  await accounts.put(stored(ALICE.id))
  await credentials.setIncomingTokens(ALICE.id, 'btp', ['token'])
  await credentials.setOutgoingToken(ALICE.id, 'btp', 'token')
  await address.set('test.node')
  await routes.put({ prefix: 'test.there', account: ALICE.id })
  await routes.remove('test.there')
  await rates.set({ rates: { USD: '1' }, asOfMs: 1 })
  await accounts.remove(ALICE.id)
  const session = await ledger.openSession(LONG)
  expect(await ledger.apply(session, 1, [reserve, reserve, commit])).toEqual(['done', 'done', 'done'])
  expect(await ledger.renewSession(session)).toBe('live')
  expect(await ledger.endExpiredSessions()).toEqual([])
  await ledger.endSession(session)
  const quantity = { amount: 75n, scale: 10 }
  expect(await settlements.credit({ key: 'one', account: ALICE, quantity })).toBe(7n)
  expect(await adjustments.adjust({ key: 'one', account: ALICE, amount: -1n, reason: '' })).toBe('posted')
  expect(await adjustments.read(ALICE.id)).toHaveLength(1)
  const settled = await settlements.settle(ALICE, { threshold: 3n, settleTo: 1n })
  expect(await settlements.readOutbox()).toEqual([settled])
  await settlements.acknowledge(settled?.key ?? '')
  expect(await settlements.readOutbox()).toEqual([])
  expect(await ledger.readBalance(ALICE.id)).toEqual({ balance: 1n, heldOut: 0n, heldIn: 0n })
})

it('one node that is there of several that are named is enough', async () => {
  const store = await open('redis://127.0.0.1:1', third.url)
  expect(await store.accounts.put(stored(ALICE.id))).toBe('stored')
  await expect(open('redis://127.0.0.1:1', 'redis://127.0.0.1:2')).rejects.toMatchObject({
    code: 'ERR_STORE_UNAVAILABLE',
  })
})

it('keys that move to another node are followed, by those too who ask nothing', async () => {
  const [one, idle] = [await open(first.url), await open(first.url)]
  const load = new Load(one)
  load.start()
  await load.goesOn()
  await cluster.move(key(), second)
  await load.goesOn()
  expect(await cluster.ownerOf(key())).toBe(second)
  await persist(async () => expect(await connectionsOn(first)).not.toContain('sub=1'))
  await expectTold(one, idle, 'alice')
  await cluster.move(key(), first)
  await load.goesOn()
  await expectTold(one, idle, 'bob')
  await load.end()
  await load.expectExact()
})

it('a replica that takes over is followed, when it is told to and when its master has died', async () => {
  const [one, other] = [await open(third.url), await open(second.url)]
  const load = new Load(one)
  load.start()
  await load.goesOn()
  await cluster.failOver()
  await load.goesOn()
  expect(await cluster.ownerOf(key())).toBe(cluster.replica)
  await expectTold(one, other, 'alice')
  await load.end()
  await load.expectExact()

  // All that there is has reached the former master, which is the replica now, before the master dies.
  const admin = new Redis(cluster.replica.url)
  await persist(async () => expect(await admin.wait(1, 1_000)).toBe(1))
  admin.disconnect()
  await cluster.replica.kill()
  await expect(one.accounts.put(stored(BOB.id))).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  await persist(() => load.expectExact())
  await persist(async () => expect(await cluster.ownerOf(key())).toBe(first))
  await expectTold(other, one, 'bob')
})
