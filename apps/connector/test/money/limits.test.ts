import { isFulfill, type Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type AdminClient, adminClient } from '../peers/admin.js'
import { BtpPeer } from '../peers/btp-peer.js'
import { eventually } from '../peers/eventually.js'
import { startConnector } from '../support/connector.js'
import { ADMIN_TOKEN, tokenOf } from '../support/face.js'
import { account } from '../support/settings.js'

interface Limits {
  readonly minBalance?: bigint
  readonly maxBalance?: bigint
}

interface Scene {
  readonly books: AdminClient['books']
  readonly open: (username: string) => Promise<BtpPeer>
}

/** A connector with these children, whose limits are what a test is about. */
async function start(accounts: Readonly<Record<string, Limits>>): Promise<Scene> {
  const { url, adminUrl } = await startConnector({
    ilpAddress: 'test.node',
    accounts: Object.entries(accounts).map(([username, { minBalance = -(2n ** 80n), maxBalance }]) =>
      account(username, { minBalance: `${minBalance}`, maxBalance: maxBalance?.toString() }),
    ),
  })
  return {
    books: adminClient(adminUrl, ADMIN_TOKEN).books,
    open: async username => {
      const peer = await BtpPeer.open(url, { token: tokenOf(username) })
      onTestFinished(async () => void (await peer.cut()))
      return peer
    },
  }
}

/** Sends a packet of so many units; resolves with `fulfilled`, or the code. */
const pay = async (peer: BtpPeer, to: string, units: bigint): Promise<string> => {
  const reply = await peer.send(testPrepare({ units, destination: `test.node.${to}` }))
  return isFulfill(reply) ? 'fulfilled' : reply.code
}

/** A receiver that answers no packet before it is told to. */
class Holder {
  readonly held: { readonly prepare: Prepare; readonly end: (isFulfilled: boolean) => void }[] = []

  constructor(peer: BtpPeer) {
    peer.onPrepare = (prepare, id) => {
      this.held.push({
        prepare,
        end: isFulfilled => peer.respond(id, isFulfilled ? testFulfill() : testReject()),
      })
    }
  }

  /** Resolves when so many packets are held and the rest of these are answered. */
  async holds(count: number, outcomes: readonly Promise<string>[]): Promise<void> {
    let answered = 0
    for (const outcome of outcomes) void outcome.then(() => (answered += 1))
    await eventually(() => expect([this.held.length, answered]).toEqual([count, outcomes.length - count]))
  }

  /** Ends all that is held. */
  endAll(isFulfilled: (index: number) => boolean): void {
    this.held.splice(0).forEach(({ end }, index) => {
      end(isFulfilled(index))
    })
  }
}

const countOf = (outcomes: readonly string[], outcome: string) =>
  outcomes.filter(one => one === outcome).length

test('a minimum balance is reached to the unit by 700 packets at a time, and by none of them crossed', async () => {
  const { books, open } = await start({ payer: { minBalance: -500n }, payee: {} })
  const [payer, payee] = [await open('payer'), await open('payee')]
  const holder = new Holder(payee)
  const burst = (count: number) => Array.from({ length: count }, () => pay(payer, 'payee', 1n))

  const first = burst(700)
  await holder.holds(500, first)
  expect(await books('payer')).toEqual({ balance: 0n, heldOut: 500n, heldIn: 0n })
  holder.endAll(index => index % 2 === 0)
  const outcomes = await Promise.all(first)
  expect(['fulfilled', 'F99', 'T04'].map(code => countOf(outcomes, code))).toEqual([250, 250, 200])

  const second = burst(300)
  await holder.holds(250, second)
  expect(await books('payer')).toEqual({ balance: -250n, heldOut: 250n, heldIn: 0n })
  const free = pay(payer, 'payee', 0n)
  await eventually(() => expect(holder.held).toHaveLength(251))
  holder.endAll(() => true)
  expect(await free).toBe('fulfilled')
  expect(countOf(await Promise.all(second), 'T04')).toBe(50)
  expect(await pay(payer, 'payee', 1n)).toBe('T04')

  // Money that comes in can go out again, and not a unit more.
  payer.onPrepare = (_, id) => payer.respond(id, testFulfill())
  expect(await pay(payee, 'payer', 3n)).toBe('fulfilled')
  const third = burst(5)
  await holder.holds(3, third)
  holder.endAll(() => true)
  await Promise.all(third)
  expect(await books('payer')).toEqual({ balance: -500n, heldOut: 0n, heldIn: 0n })
  expect(await books('payee')).toEqual({ balance: 500n, heldOut: 0n, heldIn: 0n })
})

test('a maximum balance is reached to the unit by two senders at a time, and never crossed', async () => {
  const { books, open } = await start({ alice: {}, bob: {}, payee: { maxBalance: 300n } })
  const [alice, bob, payee] = [await open('alice'), await open('bob'), await open('payee')]
  const holder = new Holder(payee)
  const outcomes = Array.from({ length: 800 }, (_, i) => pay(i % 2 === 0 ? alice : bob, 'payee', 1n))
  await holder.holds(300, outcomes)
  expect(await books('payee')).toEqual({ balance: 0n, heldOut: 0n, heldIn: 300n })
  holder.endAll(() => true)
  expect(countOf(await Promise.all(outcomes), 'fulfilled')).toBe(300)
  expect(await books('payee')).toEqual({ balance: 300n, heldOut: 0n, heldIn: 0n })
  expect(await pay(alice, 'payee', 1n)).toBe('T04')

  // What is merely held on its way out makes no room; what has left does.
  const heldByAlice = new Holder(alice)
  const out = pay(payee, 'alice', 10n)
  await eventually(() => expect(heldByAlice.held).toHaveLength(1))
  expect(await pay(bob, 'payee', 1n)).toBe('T04')
  heldByAlice.endAll(() => true)
  expect(await out).toBe('fulfilled')
  const last = Array.from({ length: 20 }, () => pay(bob, 'payee', 1n))
  await holder.holds(10, last)
  holder.endAll(() => true)
  await Promise.all(last)
  expect((await books('payee')).balance).toBe(300n)
})

test('of packets of any size, those pass that a model of both limits lets pass', async () => {
  const minBalance = -(2n ** 66n)
  const maxBalance = 2n ** 65n + 12_345n
  const { books, open } = await start({ payer: { minBalance }, payee: { maxBalance } })
  const [payer, payee] = [await open('payer'), await open('payee')]
  const holder = new Holder(payee)
  let paid = 0n

  const amount = fc.oneof(fc.bigInt(1n, 1_000n), fc.bigInt(1n, 2n ** 62n), fc.bigInt(1n, 2n ** 64n - 1n))
  const round = fc.record({
    amounts: fc.array(amount, { minLength: 100, maxLength: 100 }),
    isFulfilled: fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }),
  })
  await fc.assert(
    fc.asyncProperty(round, async ({ amounts, isFulfilled }) => {
      let held = 0n
      const passes = amounts.map(units => {
        const isAllowed = paid + held + units <= (maxBalance < -minBalance ? maxBalance : -minBalance)
        if (isAllowed) held += units
        return isAllowed
      })
      const passing = amounts.filter((_, i) => passes[i])
      const outcomes = amounts.map(units => pay(payer, 'payee', units))
      await holder.holds(passing.length, outcomes)
      expect(holder.held.map(({ prepare }) => prepare.units)).toEqual(passing)
      expect(await books('payer')).toEqual({ balance: -paid, heldOut: held, heldIn: 0n })
      expect(await books('payee')).toEqual({ balance: paid, heldOut: 0n, heldIn: held })
      // A few of the large ones would fill the account for all that follow.
      const isEnding = passing.map((units, i) => isFulfilled[i] === true && units <= 2n ** 62n)
      holder.endAll(index => isEnding[index] === true)
      paid += passing.reduce((sum, units, i) => sum + (isEnding[i] ? units : 0n), 0n)
      const expected = passing.map((_, i) => (isEnding[i] ? 'fulfilled' : 'F99'))
      expect(await Promise.all(outcomes)).toEqual(
        passes.map(isPassing => (isPassing ? expected.shift() : 'T04')),
      )
    }),
    { seed: 20_240_229, numRuns: 12, endOnFailure: true },
  )
  // What is left, to the unit.
  const rest = maxBalance - paid
  for (const units of [
    ...Array<bigint>(Number(rest / (2n ** 64n - 1n))).fill(2n ** 64n - 1n),
    rest % (2n ** 64n - 1n),
  ]) {
    const outcome = pay(payer, 'payee', units)
    await holder.holds(1, [outcome])
    holder.endAll(() => true)
    expect(await outcome).toBe('fulfilled')
  }
  expect(await pay(payer, 'payee', 1n)).toBe('T04')
  expect((await books('payee')).balance).toBe(maxBalance)
  expect((await books('payer')).balance).toBe(-maxBalance)
})
