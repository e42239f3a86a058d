import { ALICE, persist } from '@ilp/store-processes'
import { SETTLEMENT_KEY_KEPT_MS, type Store } from '@ilp/store-traits'
import { redisProcess, type ServerProcess, type TcpProxy, tcpProxy } from '@ilp/test-servers'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisStores } from './given.js'

const unavailable = { name: 'StoreError', code: 'ERR_STORE_UNAVAILABLE' }
const stores = redisStores()
let server: ServerProcess
let proxy: TcpProxy
let count = 0
let prefix: string
let store: Store
/** Another store on the same server, with a connection that holds. */
let direct: Store

beforeAll(async () => {
  server = await redisProcess({ inMemory: true })
})
afterAll(() => server?.stop())
beforeEach(async () => {
  proxy = await tcpProxy(server.url)
  prefix = `settlements-${count++}`
  direct = await stores.open(server.url, { prefix })
  store = await stores.open(proxy.url, { prefix })
  await direct.adjustments.adjust({ key: 'funds', account: ALICE, amount: 2n ** 80n, reason: 'funds' })
})
afterEach(async () => {
  await stores.stop()
  await proxy.stop()
})

interface Step {
  /** What it needs to be there. */
  readonly given?: () => Promise<unknown>
  readonly ask: (store: Store) => Promise<unknown>
  /** What it comes to, and nothing more when it is asked for again. */
  readonly balance: bigint
  readonly settled: bigint
  readonly adjusted: bigint
  readonly outbox: readonly bigint[]
}

const TERMS = { threshold: 1n, settleTo: -5n }
const NOTHING_YET = { balance: 2n ** 80n, settled: 0n, adjusted: -(2n ** 80n), outbox: [] }
const SETTLED = { ...NOTHING_YET, balance: -5n, settled: 2n ** 80n + 5n }

const STEPS: Readonly<Record<string, Step>> = {
  settle: {
    ...SETTLED,
    ask: async ({ settlements }) => (await settlements.settle(ALICE, TERMS))?.amount,
    outbox: [2n ** 80n + 5n],
  },
  acknowledge: {
    ...SETTLED,
    given: () => direct.settlements.settle(ALICE, TERMS),
    ask: async ({ settlements }) => {
      // Known from the start, as to whoever sent it.
      await settlements.acknowledge(acknowledged)
      return 'acknowledged'
    },
  },
  credit: {
    ...NOTHING_YET,
    ask: ({ settlements }) =>
      settlements.credit({ key: 'one', account: ALICE, quantity: { amount: 1_299n, scale: 11 } }),
    balance: 2n ** 80n + 12n,
    settled: -12n,
  },
  adjust: {
    ...NOTHING_YET,
    ask: ({ adjustments }) =>
      adjustments.adjust({ key: 'one', account: ALICE, amount: -(2n ** 81n), reason: 'a correction' }),
    balance: -(2n ** 80n),
    adjusted: 2n ** 80n,
  },
}
let acknowledged = ''

const POINTS = {
  'before it reaches the server': { toServer: 0 },
  'within it': { toServer: 150 },
  'behind it, before its answer': { toClient: 0 },
  'within its answer': { toClient: 2 },
} as const

describe.each(Object.entries(STEPS))('a connection that is cut under %s', (_, step) => {
  it.each(Object.entries(POINTS))('%s: asked for again it has one effect', async (__, point) => {
    await step.given?.()
    const [first] = await direct.settlements.readOutbox()
    acknowledged = first?.key ?? ''
    const cut = proxy.cutAt(point)
    await expect(step.ask(store)).rejects.toMatchObject(unavailable)
    await cut
    const answer = await persist(() => step.ask(store))
    expect(await step.ask(direct)).toEqual(answer)
    expect(await step.ask(store)).toEqual(answer)
    expect((await direct.ledger.readBalance(ALICE.id)).balance).toBe(step.balance)
    const { settled, adjusted } = step
    expect(await direct.ledger.readPositions()).toEqual([
      { asset: ALICE.asset, balance: 0n, settled, adjusted },
    ])
    expect((await direct.settlements.readOutbox()).map(({ amount }) => amount)).toEqual(step.outbox)
  })
})

it('what an incoming settlement left over is credited with the next, however often each is cut', async () => {
  let sum = 0n
  for (let i = 0; i < 20; i++) {
    const octets = (i * 53) % 300
    const cut = proxy.cutAt(i % 2 ? { toServer: octets } : { toClient: octets % 6 })
    const settlement = { key: `key ${i}`, account: ALICE, quantity: { amount: 7n, scale: 10 } }
    const credited = await persist(() => store.settlements.credit(settlement))
    expect(await persist(() => store.settlements.credit(settlement))).toBe(credited)
    sum += credited as bigint
    // What is left of the way to the point is made by what follows.
    await Promise.all([cut, persist(() => store.ledger.readBalance(ALICE.id))])
  }
  expect(sum).toBe(14n)
  expect((await direct.ledger.readBalance(ALICE.id)).balance).toBe(2n ** 80n + 14n)
})

it('the outbox is read whole while others put into it and take from it', async () => {
  const { settlements, adjustments } = direct
  const accounts = Array.from({ length: 1_500 }, (_, i) => ({
    ...ALICE,
    id: `account-${i}` as typeof ALICE.id,
  }))
  await Promise.all(
    accounts.map(async account => {
      await adjustments.adjust({ key: account.id, account, amount: 9n, reason: 'funds' })
      await settlements.settle(account, { threshold: 9n, settleTo: 0n })
    }),
  )
  const all = await settlements.readOutbox()
  expect(new Set(all.map(({ account }) => account.id)).size).toBe(1_500)
  const times = all.map(({ createdAtMs }) => createdAtMs)
  expect(times).toEqual([...times].sort((a, b) => a - b))

  const gone = all.filter((_, i) => i % 2)
  const [read] = await Promise.all([
    store.settlements.readOutbox(),
    ...gone.map(({ key }) => settlements.acknowledge(key)),
  ])
  const keys = new Set(read.map(({ key }) => key))
  expect(all.filter((_, i) => i % 2 === 0).every(({ key }) => keys.has(key))).toBe(true)
  expect(keys.size).toBe(read.length)
})

it('the key of an incoming settlement is kept a day from when it was last used', async () => {
  const settlement = { key: 'one', account: ALICE, quantity: { amount: 5n, scale: 9 } }
  const admin = new Redis(server.url)
  const record = `{${prefix}}:credit:one`
  try {
    for (let uses = 1; uses <= 2; uses++) {
      expect(await store.settlements.credit(settlement)).toBe(5n)
      expect(await admin.pttl(record)).toBeGreaterThan(SETTLEMENT_KEY_KEPT_MS - 60_000)
      await admin.pexpire(record, 30_000)
    }
  } finally {
    admin.disconnect()
  }
})
