import { deepEqual } from 'node:assert/strict'
import { EUR, several, USD } from '../given.js'
import type { Cases } from '../scene.js'
import {
  ALICE,
  AMOUNT_MAX,
  addsUp,
  BOB,
  CAROL,
  commit,
  hasBalance,
  LARGE,
  ledgerAccount,
  openSession,
  positions,
  release,
  reserve,
  transfer,
} from './given.js'

const EVE = ledgerAccount('eve', { asset: EUR })
const FRED = ledgerAccount('fred', { asset: { code: 'USD', scale: 2 } })
const ALL = [ALICE, BOB, CAROL, EVE, FRED]

export const postingCases: Cases = {
  trait: 'ledger',
  cases: {
    'knows zeros of an account that was in no transfer': async ({ open }) => {
      const store = await open()
      await hasBalance(store, ALICE, [0n])
      deepEqual(await positions(store), {})
    },
    'holds on a reserve, and posts nothing': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      deepEqual(await session.apply(reserve(transfer(ALICE, 7n, BOB, 5n))), ['done'])
      await hasBalance(store, ALICE, [0n, 7n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 5n])
      deepEqual(await positions(store), {})
    },
    'turns a hold into postings on a commit, the spread into the position': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const payment = transfer(ALICE, 7n, BOB, 5n)
      await session.apply(reserve(payment))
      deepEqual(await session.apply(commit(payment)), ['done'])
      await hasBalance(store, ALICE, [-7n])
      await hasBalance(store, BOB, [5n])
      deepEqual(await positions(store), { 'USD 9': 2n })
      await addsUp(store, ALL)
    },
    'gives a hold back on a release, and posts nothing': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const [failed, kept] = [transfer(ALICE, 7n, BOB, 5n), transfer(ALICE, 3n, BOB)]
      await session.apply(reserve(failed), reserve(kept))
      deepEqual(await session.apply(release(failed)), ['done'])
      await hasBalance(store, ALICE, [0n, 3n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 3n])
      deepEqual(await positions(store), {})
    },
    'posts both sides of an exchange against the positions of their assets': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const exchange = transfer(ALICE, 1_000_000_000n, EVE, 93n)
      const rescale = transfer(FRED, 2n, BOB, 20_000_000n)
      await session.apply(reserve(exchange), reserve(rescale))
      deepEqual(await session.apply(commit(exchange), commit(rescale)), ['done', 'done'])
      await hasBalance(store, EVE, [93n])
      await hasBalance(store, FRED, [-2n])
      deepEqual(await positions(store), { 'EUR 2': -93n, 'USD 2': 2n, 'USD 9': 980_000_000n })
      await addsUp(store, ALL)
    },
    'lists positions by code, then by scale as a number': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const assets = [
        { code: 'XRP', scale: 6 },
        { code: 'USD', scale: 10 },
        { code: 'EUR', scale: 9 },
        { code: 'USD', scale: 2 },
        { code: 'USD', scale: 255 },
        { code: 'ABC', scale: 0 },
      ]
      for (const [index, asset] of assets.entries()) {
        const payment = transfer(ledgerAccount(`a${index}`, { asset }), BigInt(index + 1), BOB)
        await session.apply(reserve(payment), commit(payment))
      }
      const none = { settled: 0n, adjusted: 0n }
      deepEqual(await store.ledger.readPositions(), [
        { asset: { code: 'ABC', scale: 0 }, balance: 6n, ...none },
        { asset: { code: 'EUR', scale: 9 }, balance: 3n, ...none },
        { asset: { code: 'USD', scale: 2 }, balance: 4n, ...none },
        { asset: USD, balance: -21n, ...none },
        { asset: { code: 'USD', scale: 10 }, balance: 2n, ...none },
        { asset: { code: 'USD', scale: 255 }, balance: 5n, ...none },
        { asset: { code: 'XRP', scale: 6 }, balance: 1n, ...none },
      ])
    },
    'tells assets apart by any code': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const codes = ['usd', 'US', 'USD 9', 'USD:9', '9', '', '€', "'; --", '💶', '{USD}', 'a/b', 'a\tb']
      for (const [index, code] of codes.entries()) {
        const payment = transfer(ledgerAccount(`a${index}`, { asset: { code, scale: 9 } }), 1n, BOB)
        await session.apply(reserve(payment), commit(payment))
      }
      const read = await store.ledger.readPositions()
      deepEqual(new Set(read.map(({ asset }) => asset.code)), new Set([...codes, 'USD']))
      for (const { asset, balance } of read) deepEqual(balance, asset.code === 'USD' ? -12n : 1n, asset.code)
    },
    'keeps large amounts to the unit': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      let sum = 0n
      for (const amount of LARGE) {
        const payment = transfer(ALICE, amount, EVE, amount - 1n)
        await session.apply(reserve(payment), reserve(transfer(BOB, amount, CAROL)))
        await hasBalance(store, ALICE, [-sum, amount, 0n])
        await session.apply(commit(payment), release(transfer(BOB, amount, CAROL)))
        sum += amount
        await hasBalance(store, ALICE, [-sum])
        await hasBalance(store, BOB, [0n])
      }
      await hasBalance(store, EVE, [sum - BigInt(LARGE.length)])
      deepEqual(await positions(store), { 'EUR 2': BigInt(LARGE.length) - sum, 'USD 9': sum })
    },
    'keeps balances and holds of 2^80 to the unit': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const large = transfer(ALICE, AMOUNT_MAX, BOB, AMOUNT_MAX - 1n)
      const batch = several(500, () => [reserve(large), commit(large)]).flat()
      const batches = Number(2n ** 80n / AMOUNT_MAX / 500n) + 1
      for (let i = 0; i < batches; i++) await session.apply(...batch)
      const count = BigInt(batches) * 500n
      await hasBalance(store, ALICE, [-count * AMOUNT_MAX])
      await hasBalance(store, BOB, [count * (AMOUNT_MAX - 1n)])
      deepEqual(await positions(store), { 'USD 9': count })
      const room = (units: bigint) =>
        transfer({ ...ALICE, minBalance: -count * AMOUNT_MAX - 1n }, units, {
          ...BOB,
          maxBalance: count * (AMOUNT_MAX - 1n) + 1n,
        })
      deepEqual(await session.apply(reserve(room(2n)), reserve(room(1n)), reserve(room(1n))), [
        'below-minimum',
        'done',
        'below-minimum',
      ])
    },
    'takes amounts of zero on either side': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const payments = [transfer(ALICE, 0n, BOB), transfer(ALICE, 3n, BOB, 0n), transfer(ALICE, 0n, BOB, 4n)]
      deepEqual(
        await session.apply(...payments.map(reserve), ...payments.map(commit)),
        several(6, () => 'done'),
      )
      await hasBalance(store, ALICE, [-3n])
      await hasBalance(store, BOB, [4n])
      deepEqual(await positions(store), { 'USD 9': -1n })
    },
    'takes an account on both sides of a transfer': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const [own, failed] = [transfer(ALICE, 9n, ALICE, 7n), transfer(ALICE, 4n, ALICE, 2n)]
      deepEqual(await session.apply(reserve(own), reserve(failed)), ['done', 'done'])
      await hasBalance(store, ALICE, [0n, 13n, 9n])
      deepEqual(await session.apply(commit(own), release(failed)), ['done', 'done'])
      await hasBalance(store, ALICE, [-2n])
      deepEqual(await positions(store), { 'USD 9': 2n })
    },
    'gives nothing back twice': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      const payment = transfer(ALICE, 5n, BOB)
      await other.apply(reserve(payment))
      deepEqual(await session.apply(reserve(payment), release(payment), release(payment)), [
        'done',
        'done',
        'no-hold',
      ])
      deepEqual(await session.apply(release(payment)), ['no-hold'])
      await hasBalance(store, ALICE, [0n, 5n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 5n])
    },
    'books a commit that the session holds too little for, and leaves the holds': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      const payment = transfer(ALICE, 5n, BOB)
      await other.apply(reserve(payment))
      await session.apply(reserve(transfer(ALICE, 5n, CAROL)))
      const strict = transfer({ ...ALICE, minBalance: 0n }, 5n, BOB)
      deepEqual(await session.apply(commit(strict)), ['late'])
      await hasBalance(store, ALICE, [-5n, 10n, 0n])
      await hasBalance(store, BOB, [5n, 0n, 5n])
      await hasBalance(store, CAROL, [0n, 0n, 5n])
      await addsUp(store, ALL)
    },
  },
}

export const keptCases: Cases = {
  trait: 'ledger',
  needs: ['durable'],
  cases: {
    'keeps balances, holds, positions and sessions over a restart': async ({ open }) => {
      const before = await open()
      const [session, ended] = [await openSession(before), await openSession(before)]
      const [done, held] = [transfer(ALICE, AMOUNT_MAX, EVE, 2n ** 53n + 1n), transfer(BOB, 5n, CAROL)]
      await session.apply(reserve(done), commit(done), reserve(held))
      await before.ledger.endSession(ended.id)
      await before.stop()
      const store = await open()
      await hasBalance(store, ALICE, [-AMOUNT_MAX])
      await hasBalance(store, BOB, [0n, 5n, 0n])
      deepEqual(await positions(store), { 'EUR 2': -(2n ** 53n + 1n), 'USD 9': AMOUNT_MAX })
      const same = session.through(store)
      deepEqual(await same.repeat(reserve(done), commit(done), reserve(held)), ['done', 'done', 'done'])
      deepEqual(await same.apply(commit(held)), ['done'])
      await hasBalance(store, CAROL, [5n])
      deepEqual(await ended.through(store).apply(reserve(held), commit(held)), ['session-ended', 'late'])
      await hasBalance(store, CAROL, [10n])
      await addsUp(store, ALL)
    },
  },
}
