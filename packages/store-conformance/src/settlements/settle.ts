import { deepEqual, equal, ok } from 'node:assert/strict'
import { several } from '../given.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  commit,
  counterparts,
  hasBalance,
  openSession,
  release,
  reserve,
  transfer,
} from '../ledger/given.js'
import type { Cases } from '../scene.js'
import { ALL, ALL_OF_IT, EVE, gist, outbox, owe, PAYER, race, received, terms } from './given.js'

/** When a balance is settled, and how far. */
export const settleCases: Cases = {
  trait: 'settlements',
  needs: ['ledger'],
  cases: {
    'take nothing of an account that has no balance': async ({ open }) => {
      const store = await open()
      equal(await store.settlements.settle(ALICE, ALL_OF_IT), undefined)
      deepEqual(await store.settlements.readOutbox(), [])
      await hasBalance(store, ALICE, [0n])
      deepEqual(await counterparts(store), [0n, 0n, 0n])
    },
    'take nothing below the threshold': async ({ open }) => {
      const store = await open()
      await owe(await openSession(store), ALICE, 99n)
      equal(await store.settlements.settle(ALICE, terms(100n)), undefined)
      await hasBalance(store, ALICE, [99n])
      deepEqual(await outbox(store), [])
    },
    'take all down to what is to stay, at the threshold and above it': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      await owe(session, BOB, 101n)
      deepEqual(gist(await store.settlements.settle(ALICE, terms(100n, 10n))), ['alice', 90n])
      deepEqual(gist(await store.settlements.settle(BOB, terms(100n, 0n))), ['bob', 101n])
      await hasBalance(store, ALICE, [10n])
      await hasBalance(store, BOB, [0n])
    },
    'have their counterpart in the position of their asset': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      await session.apply(commit(transfer(PAYER, 7n, EVE, 93n)))
      const settled = await store.settlements.settle(EVE, terms(90n, 3n))
      await hasBalance(store, EVE, [3n])
      deepEqual(await counterparts(store, EVE.asset), [-93n, 90n, 0n])
      deepEqual(await counterparts(store), [7n, 0n, 0n])
      await store.settlements.settle(ALICE, ALL_OF_IT)
      deepEqual(await counterparts(store), [7n, 100n, 0n])
      await addsUp(store, ALL)
      await store.settlements.acknowledge(settled?.key ?? '')
      deepEqual(await counterparts(store, EVE.asset), [-93n, 90n, 0n])
      await addsUp(store, ALL)
    },
    'leave what packets hold, so that their commits find it': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      const [paid, failed] = [transfer(ALICE, 30n, BOB), transfer(ALICE, 20n, BOB)]
      await session.apply(reserve(paid), reserve(failed))
      deepEqual(gist(await store.settlements.settle(ALICE, terms(100n, 10n))), ['alice', 40n])
      await hasBalance(store, ALICE, [60n, 50n])
      deepEqual(await session.apply(commit(paid), release(failed)), ['done', 'done'])
      await hasBalance(store, ALICE, [30n])
      await addsUp(store, ALL)
    },
    'count neither what is held for an account nor what others hold': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      await session.apply(reserve(transfer(BOB, 1_000n, ALICE)))
      deepEqual(gist(await store.settlements.settle(ALICE, terms(100n))), ['alice', 100n])
      await hasBalance(store, ALICE, [0n, 0n, 1_000n])
      equal(await store.settlements.settle(BOB, terms(0n, -1_000n)), undefined)
    },
    'take nothing where what is held and what is to stay leave nothing': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      await owe(session, BOB, 100n)
      await session.apply(reserve(transfer(ALICE, 60n, CAROL)))
      for (const settleTo of [40n, 41n, 100n]) {
        equal(await store.settlements.settle(ALICE, terms(100n, settleTo)), undefined)
      }
      for (const settleTo of [100n, 101n]) {
        equal(await store.settlements.settle(BOB, terms(1n, settleTo)), undefined)
      }
      deepEqual(await outbox(store), [])
      await hasBalance(store, ALICE, [100n, 60n])
      deepEqual(gist(await store.settlements.settle(ALICE, terms(100n, 39n))), ['alice', 1n])
    },
    'pay ahead where they are settled below zero': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      deepEqual(gist(await store.settlements.settle(ALICE, terms(-20n, -100n))), ['alice', 100n])
      await hasBalance(store, ALICE, [-100n])
      deepEqual(await counterparts(store), [0n, 100n, 0n])
      await session.apply(commit(transfer(BOB, 21n, PAYER)))
      equal(await store.settlements.settle(BOB, terms(-20n, -100n)), undefined)
      await owe(session, BOB, 1n)
      deepEqual(gist(await store.settlements.settle(BOB, terms(-20n, -100n))), ['bob', 80n])
      await hasBalance(store, BOB, [-100n])
      await addsUp(store, ALL)
    },
    'are of any size, to the unit': async ({ open }) => {
      const store = await open()
      const large = 2n ** 90n + 1n
      await store.settlements.credit(received('one', ALICE, large))
      await store.settlements.credit(received('two', EVE, 10n ** 30n + 7n))
      equal(await store.settlements.settle(ALICE, terms(large + 1n)), undefined)
      deepEqual(gist(await store.settlements.settle(ALICE, terms(large, 1n - 2n ** 80n))), [
        'alice',
        large + 2n ** 80n - 1n,
      ])
      deepEqual(gist(await store.settlements.settle(EVE, terms(10n ** 30n + 7n, 10n ** 29n))), [
        'eve',
        9n * 10n ** 29n + 7n,
      ])
      await hasBalance(store, ALICE, [1n - 2n ** 80n])
      await hasBalance(store, EVE, [10n ** 29n])
      deepEqual(await outbox(store), [
        ['alice', large + 2n ** 80n - 1n],
        ['eve', 9n * 10n ** 29n + 7n],
      ])
      deepEqual(await counterparts(store), [0n, 2n ** 80n - 1n, 0n])
      await addsUp(store, ALL)
    },
    'are seen by the reserves behind them': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      const one = transfer({ ...ALICE, minBalance: 0n }, 10n, BOB)
      await session.apply(reserve(one))
      await store.settlements.settle(ALICE, terms(100n, 5n))
      deepEqual(await session.apply(reserve(one), commit(one)), ['below-minimum', 'done'])
      await hasBalance(store, ALICE, [5n])
    },
    'let no race with packets cross a minimum': async ({ openPair }) => {
      const pair = await openPair()
      const sessions = await Promise.all(several(40, i => openSession(pair[i % 2] ?? pair[0])))
      const own = await openSession(pair[0])
      await owe(own, ALICE, 1_000n)
      const one = transfer({ ...ALICE, minBalance: 7n }, 10n, BOB)
      const settle = (i: number) => (pair[i % 2] ?? pair[0]).settlements.settle(ALICE, terms(50n, 7n))
      let paid = 0n
      const pay = async (index: number) => {
        const session = sessions[index]
        const [outcome] = (await session?.apply(reserve(one))) ?? []
        if (outcome !== 'done') return
        paid += 10n
        deepEqual(await session?.apply(commit(one)), ['done'])
      }
      await Promise.all(several(40, i => (i % 4 === 3 ? settle(i) : pay(i))))
      const entries = await pair[1].settlements.readOutbox()
      equal(entries.length, 1)
      const settled = entries[0]?.amount ?? 0n
      await hasBalance(pair[0], ALICE, [1_000n - paid - settled])
      ok(1_000n - paid - settled >= 7n, 'the minimum is kept')
      await addsUp(pair[0], ALL)
    },
    'have one effect when many ask at once': async ({ openPair }) => {
      const pair = await openPair()
      const session = await openSession(pair[0])
      await owe(session, ALICE, 100n)
      await owe(session, BOB, 100n)
      const asked = await race(pair, 64, (store, i) =>
        store.settlements.settle(i % 3 ? ALICE : BOB, terms(100n, i % 3 ? 20n : 30n)),
      )
      deepEqual(new Set(asked.map(settlement => settlement?.key)).size, 2)
      asked.forEach((settlement, i) => {
        deepEqual(gist(settlement), i % 3 ? ['alice', 80n] : ['bob', 70n])
      })
      await hasBalance(pair[1], ALICE, [20n])
      await hasBalance(pair[1], BOB, [30n])
      deepEqual((await outbox(pair[0])).toSorted(), [
        ['alice', 80n],
        ['bob', 70n],
      ])
      await addsUp(pair[0], ALL)
    },
  },
}
