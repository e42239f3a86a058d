import { deepEqual } from 'node:assert/strict'
import type { Cases } from '../scene.js'
import {
  ALICE,
  AMOUNT_MAX,
  BOB,
  CAROL,
  commit,
  hasBalance,
  LARGE,
  openSession,
  release,
  reserve,
  transfer,
} from './given.js'

export const limitCases: Cases = {
  trait: 'ledger',
  cases: {
    'holds nothing back where there is no limit': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const huge = transfer(ALICE, AMOUNT_MAX, BOB)
      deepEqual(await session.apply(reserve(huge), reserve(huge), reserve(huge)), ['done', 'done', 'done'])
      await hasBalance(store, ALICE, [0n, 3n * AMOUNT_MAX, 0n])
      await hasBalance(store, BOB, [0n, 0n, 3n * AMOUNT_MAX])
    },
    'lets a balance reach its minimum, and nothing below': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      for (const minBalance of [-100n, 0n, 1n]) {
        const from = { ...ALICE, minBalance }
        const room = -minBalance
        const fits = room >= 0n
        deepEqual(
          await session.apply(
            reserve(transfer(from, room + 1n, BOB)),
            reserve(transfer(from, fits ? room : 0n, BOB)),
            reserve(transfer(from, 1n, BOB)),
          ),
          ['below-minimum', fits ? 'done' : 'below-minimum', 'below-minimum'],
        )
        if (fits) await session.apply(release(transfer(from, room, BOB)))
      }
      await hasBalance(store, ALICE, [0n])
      await hasBalance(store, BOB, [0n])
    },
    'lets a balance reach its maximum, and nothing above': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      for (const maxBalance of [100n, 0n, -1n]) {
        const to = { ...BOB, maxBalance }
        const fits = maxBalance >= 0n
        deepEqual(
          await session.apply(
            reserve(transfer(ALICE, 1n, to, maxBalance + 1n)),
            reserve(transfer(ALICE, 1n, to, fits ? maxBalance : 0n)),
            reserve(transfer(ALICE, 1n, to)),
          ),
          ['above-maximum', fits ? 'done' : 'above-maximum', 'above-maximum'],
        )
        if (fits) await session.apply(release(transfer(ALICE, 1n, to, maxBalance)))
      }
      await hasBalance(store, ALICE, [0n])
      await hasBalance(store, BOB, [0n])
    },
    'tells limits from their neighbours at any size': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      for (const amount of LARGE) {
        const below = transfer({ ...ALICE, minBalance: 1n - amount }, amount, BOB)
        const above = transfer(ALICE, amount, { ...BOB, maxBalance: amount - 1n })
        const exact = transfer({ ...ALICE, minBalance: -amount }, amount, { ...BOB, maxBalance: amount })
        deepEqual(
          await session.apply(reserve(below), reserve(above), reserve(exact), release(exact)),
          ['below-minimum', 'above-maximum', 'done', 'done'],
          `${amount}`,
        )
      }
      await hasBalance(store, ALICE, [0n])
    },
    'counts what is held, by whatever session': async ({ open }) => {
      const store = await open()
      const [one, other] = [await openSession(store), await openSession(store)]
      const from = { ...ALICE, minBalance: -10n }
      const to = { ...BOB, maxBalance: 10n }
      deepEqual(await one.apply(reserve(transfer(from, 6n, BOB)), reserve(transfer(CAROL, 1n, to, 4n))), [
        'done',
        'done',
      ])
      await hasBalance(store, BOB, [0n, 0n, 10n])
      deepEqual(
        await other.apply(
          reserve(transfer(from, 5n, CAROL)),
          reserve(transfer(from, 4n, CAROL)),
          reserve(transfer(CAROL, 0n, to, 1n)),
          reserve(transfer(CAROL, 0n, to, 0n)),
        ),
        ['below-minimum', 'done', 'above-maximum', 'done'],
      )
      await hasBalance(store, ALICE, [0n, 10n, 0n])
    },
    'never takes what is held for an account as money that it can spend': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const from = { ...ALICE, minBalance: 0n }
      deepEqual(
        await session.apply(reserve(transfer(BOB, 100n, ALICE)), reserve(transfer(from, 1n, CAROL))),
        ['done', 'below-minimum'],
      )
      await hasBalance(store, ALICE, [0n, 0n, 100n])
    },
    'never takes what is held out of an account as room below its maximum': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const to = { ...ALICE, maxBalance: 0n }
      deepEqual(await session.apply(reserve(transfer(ALICE, 100n, BOB)), reserve(transfer(CAROL, 1n, to))), [
        'done',
        'above-maximum',
      ])
      await hasBalance(store, ALICE, [0n, 100n, 0n])
    },
    'gives room when a hold is released or committed': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const spend = transfer({ ...ALICE, minBalance: -5n }, 5n, BOB)
      const earn = transfer(CAROL, 3n, { ...ALICE, maxBalance: 0n })
      deepEqual(
        await session.apply(
          reserve(spend),
          release(spend),
          reserve(spend),
          commit(spend),
          reserve(spend),
          reserve(earn),
          commit(earn),
          reserve({ ...spend, incomingAmount: 3n }),
          reserve(earn),
        ),
        ['done', 'done', 'done', 'done', 'below-minimum', 'done', 'done', 'done', 'above-maximum'],
      )
      await hasBalance(store, ALICE, [-2n, 3n, 0n])
    },
    'looks at the minimum of the sender and the maximum of the receiver, at nothing else': async ({
      open,
    }) => {
      const store = await open()
      const session = await openSession(store)
      const from = { ...ALICE, maxBalance: -1_000n }
      const to = { ...BOB, minBalance: 1_000n }
      deepEqual(await session.apply(reserve(transfer(from, 1n, to))), ['done'])
    },
    'takes the limits that an operation comes with': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const spend = (minBalance: bigint | undefined) => reserve(transfer({ ...ALICE, minBalance }, 1n, BOB))
      deepEqual(
        await session.apply(spend(0n), spend(-1n), spend(-1n), spend(-2n), spend(undefined), spend(-2n)),
        ['below-minimum', 'done', 'below-minimum', 'done', 'done', 'below-minimum'],
      )
    },
    'tells of the minimum where both limits are crossed, and holds nothing': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const both = transfer({ ...ALICE, minBalance: 0n }, 1n, { ...BOB, maxBalance: 0n })
      const maximum = transfer(ALICE, 1n, { ...BOB, maxBalance: 0n })
      deepEqual(await session.apply(reserve(both), reserve(maximum)), ['below-minimum', 'above-maximum'])
      await hasBalance(store, ALICE, [0n])
      await hasBalance(store, BOB, [0n])
    },
    'refuses amounts of zero as well where a balance is past its limit': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const past = transfer(ALICE, 10n, BOB)
      await session.apply(reserve(past), commit(past))
      const nothing = (minBalance: bigint, maxBalance: bigint) =>
        reserve(transfer({ ...ALICE, minBalance }, 0n, { ...BOB, maxBalance }))
      deepEqual(await session.apply(nothing(-10n, 10n), nothing(-9n, 10n), nothing(-10n, 9n)), [
        'done',
        'below-minimum',
        'above-maximum',
      ])
    },
  },
}
