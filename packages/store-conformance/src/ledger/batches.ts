import { deepEqual, rejects } from 'node:assert/strict'
import type { Outcome } from '@ilp/store-traits'
import { several } from '../given.js'
import type { Cases } from '../scene.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  commit,
  hasBalance,
  openSession,
  positions,
  release,
  reserve,
  tally,
  transfer,
} from './given.js'

const isPassed = { name: 'StoreError', code: 'ERR_SEQ_PASSED' }
const isGap = { name: 'StoreError', code: 'ERR_SEQ_GAP' }

const inOrder: Cases = {
  trait: 'ledger',
  cases: {
    'applies what a refused operation of the same batch stands among': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const poor = { ...ALICE, minBalance: -10n }
      const full = { ...CAROL, maxBalance: 10n }
      const outcomes = await session.apply(
        reserve(transfer(poor, 11n, BOB)),
        reserve(transfer(poor, 4n, BOB)),
        reserve(transfer(BOB, 1n, full, 11n)),
        reserve(transfer(poor, 7n, BOB)),
        reserve(transfer(poor, 6n, full)),
        reserve(transfer(poor, 1n, full)),
      )
      deepEqual(outcomes, [
        'below-minimum',
        'done',
        'above-maximum',
        'below-minimum',
        'done',
        'below-minimum',
      ])
      await hasBalance(store, ALICE, [0n, 10n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 4n])
      await hasBalance(store, CAROL, [0n, 0n, 6n])
    },
    'sees in each operation what those before it did': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const poor = { ...ALICE, minBalance: -3n }
      const one = transfer(poor, 1n, BOB)
      const back = transfer(BOB, 1n, poor)
      const outcomes = await session.apply(
        ...several(5, () => reserve(one)),
        commit(one),
        reserve(one),
        release(one),
        reserve(one),
        reserve(back),
        reserve(one),
        commit(back),
        reserve(one),
        reserve(one),
      )
      const expected: Outcome[] = [
        ...['done', 'done', 'done', 'below-minimum', 'below-minimum'],
        ...[
          'done',
          'below-minimum',
          'done',
          'done',
          'done',
          'below-minimum',
          'done',
          'done',
          'below-minimum',
        ],
      ] as Outcome[]
      deepEqual(outcomes, expected)
      await hasBalance(store, ALICE, [0n, 3n, 0n])
      await hasBalance(store, BOB, [0n, 0n, 3n])
    },
    'takes a batch of thousands': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const one = transfer({ ...ALICE, minBalance: -1_500n }, 1n, BOB)
      deepEqual(tally(await session.apply(...several(2_000, () => reserve(one)))), {
        done: 1_500,
        'below-minimum': 500,
      })
      await session.apply(...several(1_500, i => (i % 3 ? commit : release)(one)))
      await hasBalance(store, ALICE, [-1_000n])
      await hasBalance(store, BOB, [1_000n])
    },
    'gives an outcome for each operation, none for an empty batch': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      deepEqual(await session.apply(), [])
      deepEqual(await session.repeat(), [])
      deepEqual(await session.apply(reserve(transfer(ALICE, 1n, BOB))), ['done'])
    },
  },
}

const numbered: Cases = {
  trait: 'ledger',
  cases: {
    'answers a repeated batch as it did at first, and applies nothing': async ({ open }) => {
      const store = await open()
      const [session, other] = [await openSession(store), await openSession(store)]
      const poor = { ...ALICE, minBalance: -10n }
      const [paid, failed] = [transfer(poor, 5n, BOB, 4n), transfer(poor, 2n, BOB)]
      const batch = [
        reserve(paid),
        reserve(transfer(poor, 6n, BOB)),
        reserve(failed),
        commit(paid),
        release(failed),
        reserve(transfer(CAROL, 1n, BOB)),
      ]
      const first = await session.apply(...batch)
      deepEqual(first, ['done', 'below-minimum', 'done', 'done', 'done', 'done'])
      const earn = transfer(CAROL, 100n, ALICE)
      await other.apply(reserve(earn), commit(earn))
      for (let i = 0; i < 3; i++) {
        deepEqual(await session.repeat(...batch), first, 'also where it would be another one now')
        await hasBalance(store, ALICE, [95n])
        await hasBalance(store, BOB, [4n, 0n, 1n])
        deepEqual(await positions(store), { 'USD 9': 1n })
      }
    },
    'answers a repeated number as it did at first, whatever is sent under it': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const payment = transfer(ALICE, 5n, BOB)
      await session.apply(reserve(payment), reserve(payment))
      const first = await session.apply(commit(payment), release(payment))
      deepEqual(await session.repeat(commit(payment)), first)
      deepEqual(await session.repeat(), first)
      await hasBalance(store, ALICE, [-5n])
    },
    'refuses a number that was passed, and applies nothing': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const payment = transfer(ALICE, 5n, BOB)
      for (let i = 0; i < 3; i++) await session.apply(reserve(payment))
      for (const seq of [1, 2]) {
        await rejects(() => store.ledger.apply(session.id, seq, [reserve(payment)]), isPassed)
      }
      await hasBalance(store, ALICE, [0n, 15n, 0n])
      deepEqual(await session.repeat(reserve(payment)), ['done'])
    },
    'refuses a number that leaves a gap, applies nothing, and takes the right one': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const payment = transfer(ALICE, 5n, BOB)
      for (const seq of [2, 3, 1_000_000]) {
        await rejects(() => store.ledger.apply(session.id, seq, [reserve(payment)]), isGap)
      }
      await session.apply(reserve(payment))
      await rejects(() => store.ledger.apply(session.id, 3, [commit(payment)]), isGap)
      await hasBalance(store, ALICE, [0n, 5n, 0n])
      deepEqual(await session.apply(commit(payment)), ['done'])
      await hasBalance(store, ALICE, [-5n])
    },
    'numbers the batches of each session by itself': async ({ open }) => {
      const store = await open()
      const [one, other] = [await openSession(store), await openSession(store)]
      const payment = transfer(ALICE, 1n, BOB)
      await one.apply(reserve(payment))
      await one.apply(commit(payment))
      deepEqual(await other.apply(reserve(payment), reserve(payment)), ['done', 'done'])
      deepEqual(await one.repeat(commit(payment)), ['done'])
      deepEqual(await other.repeat(reserve(payment)), ['done', 'done'])
      await hasBalance(store, ALICE, [-1n, 2n, 0n])
    },
    'applies a batch once that is sent many times at once': async ({ openPair }) => {
      const pair = await openPair()
      const [store] = pair
      const session = await openSession(store)
      const poor = { ...ALICE, minBalance: -25n }
      const batch = [reserve(transfer(poor, 10n, BOB)), commit(transfer(poor, 10n, BOB))]
      for (let seq = 1; seq <= 5; seq++) {
        const send = (i: number) => (pair[i % 2] ?? store).ledger.apply(session.id, seq, batch)
        const answers = await Promise.all(several(20, send))
        const expected = seq <= 2 ? ['done', 'done'] : ['below-minimum', 'late']
        for (const answer of answers) deepEqual(answer, expected)
        await hasBalance(store, ALICE, [-10n * BigInt(seq)])
      }
      await addsUp(store, [ALICE, BOB])
    },
    'applies one of several batches that are sent under one number at once': async ({ openPair }) => {
      const pair = await openPair()
      const [store] = pair
      const session = await openSession(store)
      const send = (i: number) =>
        (pair[i % 2] ?? store).ledger.apply(session.id, 1, [
          reserve(transfer(ALICE, 10n ** BigInt(i), BOB)),
          reserve(transfer(CAROL, 1n, BOB)),
        ])
      for (const answer of await Promise.all(several(15, send))) deepEqual(answer, ['done', 'done'])
      const { heldOut } = await store.ledger.readBalance(ALICE.id)
      deepEqual(
        several(15, i => 10n ** BigInt(i)).includes(heldOut),
        true,
        `the amount of one batch: ${heldOut}`,
      )
      await hasBalance(store, CAROL, [0n, 1n, 0n])
      await hasBalance(store, BOB, [0n, 0n, heldOut + 1n])
    },
  },
}

export const batchCases: readonly Cases[] = [inOrder, numbered]
