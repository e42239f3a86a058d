import {
  type AccountId,
  isFulfill,
  type OutgoingRequest,
  type Prepare,
  type Reply,
  sequence,
  silentLogger,
} from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createLedger, createSecrets, type Transfer } from '@ilp/store-traits'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type BalanceAccount, balance } from '../src/index.js'

const accounts: readonly BalanceAccount[] = [
  testAccount('alice', { minBalance: -1_000n, maxBalance: 1_500n }),
  testAccount('bob', { minBalance: -(2n ** 64n), maxBalance: 2n ** 63n }),
  testAccount('carol', { asset: { code: 'EUR', scale: 2 }, maxBalance: 800n }),
  testAccount('dave', { asset: { code: 'EUR', scale: 2 }, minBalance: 0n }),
]

type Ending = 'fulfill' | 'reject' | 'throw'

interface Packet extends Transfer {
  readonly ending: Ending
  /** How many packets are ended before this one is sent; with none it leaves in the same turn as the one before. */
  readonly endings: number
}

const amount = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 600n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n) },
)
const packet: fc.Arbitrary<Packet> = fc.record({
  from: fc.constantFrom(...accounts),
  incomingAmount: amount,
  to: fc.constantFrom(...accounts),
  amount,
  ending: fc.constantFrom<Ending>('fulfill', 'fulfill', 'reject', 'throw'),
  endings: fc.constantFrom(0, 0, 0, 1, 2, 6),
})

/** What the books should say, worked out from the packets alone. */
class Model {
  readonly #fulfilled: Transfer[] = []
  readonly #underWay = new Set<Transfer>()

  /** Whether both limits allow the packet; if so, it is under way. */
  begin(packet: Packet): boolean {
    const { from, incomingAmount, to, amount } = packet
    let lowest = this.balance(from.id) - incomingAmount
    let highest = this.balance(to.id) + amount
    for (const other of this.#underWay) {
      if (other.from.id === from.id) lowest -= other.incomingAmount
      if (other.to.id === to.id) highest += other.amount
    }
    const isBelow = from.minBalance !== undefined && lowest < from.minBalance
    const isAbove = to.maxBalance !== undefined && highest > to.maxBalance
    const isEmpty = incomingAmount === 0n && amount === 0n
    if ((isBelow || isAbove) && !isEmpty) return false
    this.#underWay.add(packet)
    return true
  }

  end(packet: Packet): void {
    this.#underWay.delete(packet)
    if (packet.ending === 'fulfill') this.#fulfilled.push(packet)
  }

  balance(id: AccountId): bigint {
    let sum = 0n
    for (const { from, incomingAmount, to, amount } of this.#fulfilled) {
      if (from.id === id) sum -= incomingAmount
      if (to.id === id) sum += amount
    }
    return sum
  }
}

/** A memory store with a ledger and the balance before a next hop that ends packets when it is told to. */
function createNode() {
  const store = createMemoryStore({ secrets: createSecrets(new Uint8Array(32)) })
  const ledger = createLedger({ store: store.ledger, logger: silentLogger })
  const taken = new Map<Prepare, (ending: Ending) => void>()
  const service = balance({ ledger, address: () => 'test.node' })<OutgoingRequest<BalanceAccount>>({
    ready: () => Promise.resolve(),
    call: ({ prepare }) =>
      new Promise((resolve, reject) => {
        taken.set(prepare, ending => {
          if (ending === 'throw') reject(new Error('a bug'))
          else resolve(ending === 'fulfill' ? testFulfill() : testReject())
        })
      }),
  })
  return { ...sequence([store, ledger]), store: store.ledger, ledger, taken, service }
}

const outcomeOf = (reply: Promise<Reply>): Promise<string> =>
  reply.then(
    answer => (isFulfill(answer) ? 'fulfill' : answer.code === 'F99' ? 'reject' : answer.code),
    () => 'throw',
  )

async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

/** Sends the packets and ends them, and compares each outcome with the model's. */
async function run(
  packets: readonly Packet[],
  model: Model,
  { ledger, taken, service }: ReturnType<typeof createNode>,
) {
  const underWay: { packet: Packet; prepare: Prepare; outcome: Promise<string> }[] = []
  const endOldest = async () => {
    const oldest = underWay.shift()
    if (!oldest) return
    const { packet, prepare, outcome } = oldest
    await turnsUntil(() => taken.has(prepare))
    taken.get(prepare)?.(packet.ending)
    model.end(packet)
    expect(await outcome).toBe(packet.ending)
  }
  const refused: Promise<string>[] = []
  for (const packet of packets) {
    for (let i = 0; i < packet.endings; i++) await endOldest()
    const { from, incomingAmount, to, amount } = packet
    const isAllowed = model.begin(packet)
    const prepare = testPrepare({ units: amount })
    const outcome = outcomeOf(service.call({ from, incomingAmount, to, prepare }))
    if (isAllowed) underWay.push({ packet, prepare, outcome })
    else refused.push(outcome)
  }
  while (underWay.length > 0) await endOldest()
  expect(new Set(await Promise.all(refused))).toEqual(new Set(refused.length > 0 ? ['T04'] : []))
  await turnsUntil(() => ledger.open() === 0)
}

test('10,000 random packets leave what a model of them says: balances, sums of zero and no holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(packet, { minLength: 500, maxLength: 500 }), async packets => {
      const node = createNode()
      const model = new Model()
      await node.start()
      await run(packets, model, node)

      const sums = new Map<string, bigint>()
      const add = (code: string, units: bigint) => sums.set(code, (sums.get(code) ?? 0n) + units)
      for (const { id, asset } of accounts) {
        const books = await node.store.readBalance(id)
        expect(books).toEqual({ balance: model.balance(id), heldOut: 0n, heldIn: 0n })
        add(asset.code, books.balance)
      }
      for (const { asset, balance } of await node.store.readPositions()) add(asset.code, balance)
      expect([...sums]).toEqual([
        ['USD', 0n],
        ['EUR', 0n],
      ])
      await node.stop()
    }),
    { numRuns: 20 },
  )
})
