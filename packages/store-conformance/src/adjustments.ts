import { deepEqual, equal, ok } from 'node:assert/strict'
import {
  ADJUSTMENTS_READ_MAX,
  type Adjustment,
  type LedgerAccount,
  type PostedAdjustment,
} from '@ilp/store-traits'
import { several } from './given.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  counterparts,
  hasBalance,
  openSession,
  reserve,
  transfer,
} from './ledger/given.js'
import type { Cases } from './scene.js'
import { EVE, race, received } from './settlements/given.js'

const ALL = [ALICE, BOB, CAROL, EVE]

const adjustment = (
  key: string,
  account: LedgerAccount,
  amount: bigint,
  reason = `for ${key}`,
): Adjustment => ({ key, account, amount, reason })

const gist = ({ key, amount }: PostedAdjustment) => [key, amount] as const

const posted: Cases = {
  trait: 'adjustments',
  needs: ['ledger'],
  cases: {
    'are none at first': async ({ open }) => {
      const store = await open()
      deepEqual(await store.adjustments.read(ALICE.id), [])
    },
    'are posted in either direction, against the position of their asset': async ({ open }) => {
      const store = await open()
      const { adjustments } = store
      equal(await adjustments.adjust(adjustment('one', ALICE, 100n)), 'posted')
      equal(await adjustments.adjust(adjustment('two', ALICE, -30n)), 'posted')
      equal(await adjustments.adjust(adjustment('three', EVE, -7n)), 'posted')
      equal(await adjustments.adjust(adjustment('four', BOB, 0n)), 'posted')
      await hasBalance(store, ALICE, [70n])
      await hasBalance(store, EVE, [-7n])
      deepEqual(await counterparts(store), [0n, 0n, -70n])
      deepEqual(await counterparts(store, EVE.asset), [0n, 0n, 7n])
      await addsUp(store, ALL)
    },
    'are posted across any limit, and leave holds as they are': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const strict = { ...ALICE, minBalance: -10n, maxBalance: 10n }
      await session.apply(reserve(transfer(strict, 10n, BOB)))
      equal(await store.adjustments.adjust(adjustment('one', strict, -1_000n)), 'posted')
      await hasBalance(store, ALICE, [-1_000n, 10n])
      equal(await store.adjustments.adjust(adjustment('two', strict, 3_000n)), 'posted')
      await hasBalance(store, ALICE, [2_000n, 10n])
      deepEqual(await session.apply(reserve(transfer(BOB, 1n, strict))), ['above-maximum'])
    },
    'are of any size, to the unit': async ({ open }) => {
      const store = await open()
      const large = 2n ** 300n + 1n
      equal(await store.adjustments.adjust(adjustment('one', ALICE, large)), 'posted')
      equal(await store.adjustments.adjust(adjustment('two', BOB, -large - 1n)), 'posted')
      equal(await store.adjustments.adjust(adjustment('one', ALICE, large + 1n)), 'key-reused')
      await hasBalance(store, ALICE, [large])
      await hasBalance(store, BOB, [-large - 1n])
      deepEqual(await counterparts(store), [0n, 0n, 1n])
      deepEqual((await store.adjustments.read(BOB.id)).map(gist), [['two', -large - 1n]])
    },
    'have one effect for each key': async ({ openPair }) => {
      const pair = await openPair()
      for (let i = 0; i < 4; i++) {
        for (const { adjustments } of pair) {
          equal(await adjustments.adjust(adjustment('one', ALICE, 5n)), 'posted')
          equal(await adjustments.adjust(adjustment('two', ALICE, 5n, 'for one')), 'posted')
        }
      }
      for (const store of pair) {
        await hasBalance(store, ALICE, [10n])
        deepEqual((await store.adjustments.read(ALICE.id)).map(gist), [
          ['two', 5n],
          ['one', 5n],
        ])
      }
      deepEqual(await counterparts(pair[0]), [0n, 0n, -10n])
    },
    'are refused under the key of another, with no effect': async ({ openPair }) => {
      const [one, other] = await openPair()
      await one.adjustments.adjust(adjustment('key', ALICE, 5n, 'a bank transfer'))
      const others = [
        adjustment('key', ALICE, -5n, 'a bank transfer'),
        adjustment('key', ALICE, 6n, 'a bank transfer'),
        adjustment('key', ALICE, 5n, 'A bank transfer'),
        adjustment('key', ALICE, 5n, 'a bank transfer '),
        adjustment('key', BOB, 5n, 'a bank transfer'),
        adjustment('key', EVE, 5n, 'a bank transfer'),
      ]
      for (const { adjustments } of [one, other]) {
        for (const each of others) equal(await adjustments.adjust(each), 'key-reused', each.reason)
      }
      await hasBalance(one, ALICE, [5n])
      await hasBalance(one, BOB, [0n])
      equal((await other.adjustments.read(ALICE.id)).length, 1)
      deepEqual(await other.adjustments.read(BOB.id), [])
      equal(await other.adjustments.adjust(adjustment('key', ALICE, 5n, 'a bank transfer')), 'posted')
      await addsUp(one, ALL)
    },
    'have any keys and reasons': async ({ open }) => {
      const { adjustments } = await open()
      const texts = [
        'a',
        'A',
        'a ',
        ' a',
        'á',
        'a\u0301',
        '☃',
        '💶',
        "'; --",
        '{alice}',
        '*',
        'a\nb',
        '日'.repeat(255),
      ]
      for (const text of texts) {
        equal(await adjustments.adjust(adjustment(text, ALICE, 1n, text.repeat(3))), 'posted', text)
      }
      const long = '日'.repeat(1_000)
      equal(await adjustments.adjust(adjustment('long', ALICE, 1n, long)), 'posted')
      equal(await adjustments.adjust(adjustment('none', ALICE, 1n, '')), 'posted')
      const read = await adjustments.read(ALICE.id)
      deepEqual(
        read.map(({ key, reason }) => [key, reason]),
        [['none', ''], ['long', long], ...texts.map(text => [text, text.repeat(3)]).reverse()],
      )
    },
    'are read as they were posted, the newest first, each account for itself': async scene => {
      const store = await scene.open()
      await store.adjustments.adjust(adjustment('one', ALICE, 1n))
      await store.adjustments.adjust(adjustment('two', BOB, 2n))
      await scene.pass(scene.leaseMs)
      await store.adjustments.adjust(adjustment('three', ALICE, -3n))
      const [newest, oldest, ...none] = await store.adjustments.read(ALICE.id)
      ok(newest && oldest)
      deepEqual(none, [])
      const passed = newest.postedAtMs - oldest.postedAtMs
      ok(Number.isSafeInteger(newest.postedAtMs), 'the time in whole milliseconds')
      ok(passed >= scene.leaseMs - 1 && passed < scene.leaseMs + 60_000, `${passed} ms later`)
      const { id } = ALICE
      deepEqual(newest, { ...adjustment('three', ALICE, -3n), account: id, postedAtMs: newest.postedAtMs })
      deepEqual(oldest, { ...adjustment('one', ALICE, 1n), account: id, postedAtMs: oldest.postedAtMs })
      deepEqual((await store.adjustments.read(BOB.id)).map(gist), [['two', 2n]])
    },
    'are read up to a limit, the latest of them': async ({ openPair }) => {
      const pair = await openPair()
      const [{ adjustments }] = pair
      for (let i = 0; i < 3; i++) await adjustments.adjust(adjustment(`old ${i}`, ALICE, 1n))
      for (let done = 0; done < ADJUSTMENTS_READ_MAX - 2; done += 50) {
        const some = Math.min(50, ADJUSTMENTS_READ_MAX - 2 - done)
        await race(pair, some, (store, i) => store.adjustments.adjust(adjustment(`${done + i}`, ALICE, 1n)))
      }
      for (let i = 0; i < 2; i++) await adjustments.adjust(adjustment(`new ${i}`, ALICE, 1n))
      const keys = (await adjustments.read(ALICE.id)).map(({ key }) => key)
      equal(keys.length, ADJUSTMENTS_READ_MAX)
      equal(new Set(keys).size, keys.length)
      deepEqual(keys.slice(0, 2), ['new 1', 'new 0'])
      deepEqual(
        keys.filter(key => key.startsWith('old')),
        [],
      )
      await hasBalance(pair[1], ALICE, [BigInt(ADJUSTMENTS_READ_MAX) + 3n])
    },
    'are posted once when many ask for the same at once': async ({ openPair }) => {
      const pair = await openPair()
      const answers = await race(pair, 64, ({ adjustments }) =>
        adjustments.adjust(adjustment('key', ALICE, -5n)),
      )
      deepEqual(
        answers,
        several(64, () => 'posted'),
      )
      await hasBalance(pair[1], ALICE, [-5n])
      equal((await pair[0].adjustments.read(ALICE.id)).length, 1)
      deepEqual(await counterparts(pair[0]), [0n, 0n, 5n])
    },
    'are posted for one of those that ask for different ones under one key at once': async ({ openPair }) => {
      const pair = await openPair()
      const asked = several(64, i => adjustment('key', i % 2 ? ALICE : BOB, BigInt(1 + (i % 8))))
      const answers = await race(pair, 64, ({ adjustments }, i) =>
        adjustments.adjust(asked[i] ?? adjustment('key', ALICE, 0n)),
      )
      const winner = answers.indexOf('posted')
      answers.forEach((answer, i) => {
        equal(answer, i % 8 === winner % 8 ? 'posted' : 'key-reused')
      })
      const { account, amount } = asked[winner] ?? adjustment('key', ALICE, 0n)
      for (const each of [ALICE, BOB]) await hasBalance(pair[1], each, [each === account ? amount : 0n])
      await addsUp(pair[0], ALL)
    },
    'lose nothing when many are posted at once': async ({ openPair }) => {
      const pair = await openPair()
      await race(pair, 64, ({ adjustments }, i) =>
        adjustments.adjust(adjustment(`key ${i}`, i % 2 ? ALICE : BOB, BigInt(i))),
      )
      const odd = several(32, i => BigInt(2 * i + 1)).reduce((sum, amount) => sum + amount)
      await hasBalance(pair[0], ALICE, [odd])
      await hasBalance(pair[1], BOB, [odd - 32n])
      equal((await pair[0].adjustments.read(BOB.id)).length, 32)
      await addsUp(pair[0], ALL)
    },
  },
}

const besideSettlements: Cases = {
  trait: 'adjustments',
  needs: ['ledger', 'settlements'],
  cases: {
    'have keys of their own': async ({ open }) => {
      const store = await open()
      equal(await store.settlements.credit(received('key', ALICE, 5n)), 5n)
      equal(await store.adjustments.adjust(adjustment('key', ALICE, 6n)), 'posted')
      equal(await store.settlements.credit(received('key', ALICE, 5n)), 5n)
      await hasBalance(store, ALICE, [11n])
      deepEqual(await counterparts(store), [0n, -5n, -6n])
    },
  },
}

const kept: Cases = {
  trait: 'adjustments',
  needs: ['ledger', 'durable'],
  cases: {
    'outlive a restart, with their keys and their order': async ({ open }) => {
      const before = await open()
      for (let i = 0; i < 12; i++) {
        await before.adjustments.adjust(adjustment(`key ${(i * 5) % 12}`, ALICE, BigInt(i) - 2n ** 80n))
      }
      const all = await before.adjustments.read(ALICE.id)
      await before.stop()
      const store = await open()
      deepEqual(await store.adjustments.read(ALICE.id), all)
      equal(await store.adjustments.adjust(adjustment('key 0', ALICE, -(2n ** 80n))), 'posted')
      equal(await store.adjustments.adjust(adjustment('key 0', ALICE, 1n)), 'key-reused')
      await hasBalance(store, ALICE, [66n - 12n * 2n ** 80n])
      await store.adjustments.adjust(adjustment('next', ALICE, 1n))
      deepEqual((await store.adjustments.read(ALICE.id)).slice(1), all)
      await addsUp(store, ALL)
    },
  },
}

export const adjustmentCases: readonly Cases[] = [posted, besideSettlements, kept]
