import { deepEqual, equal } from 'node:assert/strict'
import { several } from '../given.js'
import type { AnyStore, Cases } from '../scene.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  commit,
  hasBalance,
  ledgerAccount,
  openSession,
  release,
  reserve,
  type Session,
  tally,
  transfer,
} from './given.js'

/** Sessions of two stores on one backend, by turns. */
const openSessions = (pair: readonly [AnyStore, AnyStore], count: number): Promise<Session[]> =>
  Promise.all(several(count, i => openSession(pair[i % 2] ?? pair[0])))

/** A random number generator that gives the same every time (mulberry32). */
function pseudoRandom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const raceCases: Cases = {
  trait: 'ledger',
  cases: {
    'lets no race between sessions cross a minimum': async ({ openPair }) => {
      const pair = await openPair()
      const sessions = await openSessions(pair, 300)
      const one = transfer({ ...ALICE, minBalance: -100n }, 1n, BOB)
      const outcomes = await Promise.all(sessions.map(session => session.apply(reserve(one))))
      deepEqual(tally(outcomes.flat()), { done: 100, 'below-minimum': 200 })
      await hasBalance(pair[0], ALICE, [0n, 100n, 0n])
      await hasBalance(pair[1], BOB, [0n, 0n, 100n])
    },
    'lets no race between sessions cross a maximum': async ({ openPair }) => {
      const pair = await openPair()
      const sessions = await openSessions(pair, 300)
      const one = transfer(ALICE, 2n, { ...BOB, maxBalance: 100n }, 1n)
      const outcomes = await Promise.all(sessions.map(session => session.apply(reserve(one), commit(one))))
      const reserves = outcomes.map(([outcome]) => outcome)
      deepEqual(tally(reserves), { done: 100, 'above-maximum': 200 })
      await addsUp(pair[0], [ALICE, BOB])
      // What wasn't held is posted late all the same: all 300.
      await hasBalance(pair[1], BOB, [300n])
    },
    'loses nothing where hundreds of batches meet on the same accounts': async ({ openPair }) => {
      const pair = await openPair()
      const sessions = await openSessions(pair, 200)
      const [there, back] = [transfer(ALICE, 3n, BOB, 2n), transfer(BOB, 5n, ALICE, 4n)]
      await Promise.all(
        sessions.map(async session => {
          await session.apply(reserve(there), reserve(back), reserve(there))
          await session.apply(commit(back), release(there))
          await session.apply(commit(there))
        }),
      )
      await hasBalance(pair[0], ALICE, [200n * (4n - 3n)])
      await hasBalance(pair[1], BOB, [200n * (2n - 5n)])
      await addsUp(pair[0], [ALICE, BOB])
    },
    'never waits for itself, in whatever order batches name their accounts': async ({ openPair }) => {
      const pair = await openPair()
      const sessions = await openSessions(pair, 40)
      const accounts = several(8, i => ledgerAccount(`a${i}`))
      const random = pseudoRandom(1)
      const any = () => accounts[random(accounts.length)] ?? ALICE
      const batches = sessions.map(() => several(10, () => several(12, () => transfer(any(), 1n, any()))))
      await Promise.all(
        sessions.map(async (session, i) => {
          for (const transfers of batches[i] ?? []) {
            await session.apply(...transfers.map(reserve))
            await session.apply(...transfers.toReversed().map(commit))
          }
        }),
      )
      const sums = new Map(accounts.map(({ id }) => [id, 0n]))
      for (const { from, to } of batches.flat(2)) {
        sums.set(from.id, (sums.get(from.id) ?? 0n) - 1n)
        sums.set(to.id, (sums.get(to.id) ?? 0n) + 1n)
      }
      for (const account of accounts) await hasBalance(pair[0], account, [sums.get(account.id) ?? 0n])
    },
    'books or gives back every hold once, though sessions end and are ended in between': async ({
      openPair,
    }) => {
      const pair = await openPair()
      const sessions = await openSessions(pair, 100)
      const random = pseudoRandom(2)
      const pay = transfer(ALICE, 1n, CAROL)
      const plans = sessions.map(() => several(6, () => random(3)))
      let committed = 0n
      const live = async (session: Session, plan: readonly number[], isEnded: boolean) => {
        for (const step of plan) {
          const [reserved] = await session.apply(reserve(pay))
          if (!isEnded) equal(reserved, 'done')
          if (step === 0) await session.apply(release(pay))
          if (step !== 1) continue
          const [booked] = await session.apply(commit(pay))
          if (!isEnded) equal(booked, 'done')
          committed += 1n
        }
      }
      const ends = sessions.filter((_, i) => i % 5 === 0)
      await Promise.all([
        ...sessions.map((session, i) => live(session, plans[i] ?? [], i % 5 === 0)),
        ...ends.map(({ id }, i) => (pair[i % 2] ?? pair[0]).ledger.endSession(id)),
      ])
      for (const { id } of sessions) await pair[1].ledger.endSession(id)
      await hasBalance(pair[0], ALICE, [-committed])
      await hasBalance(pair[1], CAROL, [committed])
    },
  },
}
