import { deepEqual, equal } from 'node:assert/strict'
import { SETTLEMENT_KEY_KEPT_MS } from '@ilp/store-traits'
import { several } from '../given.js'
import { ALICE, addsUp, BOB, counterparts, hasBalance, ledgerAccount } from '../ledger/given.js'
import type { Cases } from '../scene.js'
import { ALL, EVE, race, received } from './given.js'

/** Keys that sloppy stores take for others, or for something else. */
const KEYS = [
  'key',
  'KEY',
  ' key',
  'key ',
  'key\n',
  'kéy',
  'ke\u0301y',
  '☃',
  '💶',
  '💷',
  'a:b',
  'a/b',
  '{alice}',
  "'; --",
  '%00',
  '*',
  '0',
  '00',
  '__proto__',
  'k'.repeat(255),
  `${'k'.repeat(254)}l`,
  '日'.repeat(255),
]

/** What comes in. */
const credited: Cases = {
  trait: 'settlements',
  needs: ['ledger'],
  cases: {
    'credit what was received, against the position of its asset': async ({ open }) => {
      const store = await open()
      equal(await store.settlements.credit(received('one', ALICE, 100n)), 100n)
      equal(await store.settlements.credit(received('two', ALICE, 20n)), 20n)
      equal(await store.settlements.credit(received('three', EVE, 7n)), 7n)
      await hasBalance(store, ALICE, [120n])
      await hasBalance(store, EVE, [7n])
      deepEqual(await counterparts(store), [0n, -120n, 0n])
      deepEqual(await counterparts(store, EVE.asset), [0n, -7n, 0n])
      await addsUp(store, ALL)
      deepEqual(await store.settlements.readOutbox(), [], 'what comes in does not go out')
    },
    'credit nothing for nothing': async ({ open }) => {
      const store = await open()
      equal(await store.settlements.credit(received('one', ALICE, 0n)), 0n)
      equal(await store.settlements.credit(received('one', ALICE, 0n)), 0n)
      equal(await store.settlements.credit(received('one', ALICE, 1n)), 'key-reused')
      await hasBalance(store, ALICE, [0n])
    },
    'credit across any limit': async ({ open }) => {
      const store = await open()
      const strict = { ...ALICE, minBalance: 5n, maxBalance: 10n }
      equal(await store.settlements.credit(received('one', strict, 1n)), 1n)
      equal(await store.settlements.credit(received('two', strict, 2n ** 70n)), 2n ** 70n)
      await hasBalance(store, ALICE, [2n ** 70n + 1n])
    },
    'credit amounts of 100 digits': async ({ open }) => {
      const store = await open()
      const large = 10n ** 100n - 1n
      equal(await store.settlements.credit(received('one', ALICE, large)), large)
      equal(await store.settlements.credit(received('one', ALICE, large)), large)
      equal(await store.settlements.credit(received('one', ALICE, large - 1n)), 'key-reused')
      equal(await store.settlements.credit(received('two', ALICE, large, 0)), large * 10n ** 9n)
      await hasBalance(store, ALICE, [large * (10n ** 9n + 1n)])
      deepEqual(await counterparts(store), [0n, -large * (10n ** 9n + 1n), 0n])
    },
    'have one effect for each key, and answer alike': async ({ openPair }) => {
      const [one, other] = await openPair()
      equal(await one.settlements.credit(received('one', ALICE, 1_299n, 11)), 12n)
      equal(await one.settlements.credit(received('two', ALICE, 1n, 11)), 1n)
      for (const { settlements } of [one, other, one]) {
        equal(await settlements.credit(received('one', ALICE, 1_299n, 11)), 12n)
        equal(await settlements.credit(received('two', ALICE, 1n, 11)), 1n)
      }
      await hasBalance(other, ALICE, [13n])
      equal(await other.settlements.credit(received('three', ALICE, 99n, 11)), 0n, 'nothing is left over')
    },
    'are refused under the key of another, with no effect': async ({ openPair }) => {
      const [one, other] = await openPair()
      await one.settlements.credit(received('key', ALICE, 150n, 11))
      const others = [
        received('key', ALICE, 151n, 11),
        received('key', ALICE, 150n, 10),
        // The same money in other words.
        received('key', ALICE, 1_500n, 12),
        received('key', BOB, 150n, 11),
        received('key', EVE, 150n, 11),
      ]
      for (const { settlements } of [one, other]) {
        for (const settlement of others) equal(await settlements.credit(settlement), 'key-reused')
      }
      await hasBalance(one, ALICE, [1n])
      await hasBalance(one, BOB, [0n])
      await hasBalance(one, EVE, [0n])
      for (const [i, account] of [ALICE, BOB].entries()) {
        equal(
          await one.settlements.credit(received(`key ${i}`, account, 49n, 11)),
          0n,
          'no more is left over',
        )
        equal(await one.settlements.credit(received(`key 1${i}`, account, 1n, 11)), i === 0 ? 1n : 0n)
      }
      equal(await other.settlements.credit(received('key', ALICE, 150n, 11)), 1n)
      await addsUp(one, ALL)
    },
    'tell any keys apart': async ({ open }) => {
      const store = await open()
      for (let round = 0; round < 2; round++) {
        for (const [i, key] of KEYS.entries()) {
          equal(await store.settlements.credit(received(key, ALICE, BigInt(i + 1))), BigInt(i + 1), key)
        }
      }
      const sum = BigInt((KEYS.length * (KEYS.length + 1)) / 2)
      await hasBalance(store, ALICE, [sum])
    },
  },
}

/** Callers that meet. */
const races: Cases = {
  trait: 'settlements',
  needs: ['ledger'],
  cases: {
    'are credited once when many say the same at once, and all hear the same': async ({ openPair }) => {
      const pair = await openPair()
      equal(await pair[0].settlements.credit(received('before', ALICE, 40n, 11)), 0n)
      const answers = await race(pair, 64, ({ settlements }) =>
        settlements.credit(received('key', ALICE, 1_260n, 11)),
      )
      deepEqual(
        answers,
        several(64, () => 13n),
      )
      await hasBalance(pair[1], ALICE, [13n])
      equal(await pair[0].settlements.credit(received('after', ALICE, 99n, 11)), 0n, 'nothing is left over')
      await addsUp(pair[0], ALL)
    },
    'are credited for one of those that say different things under one key at once': async ({ openPair }) => {
      const pair = await openPair()
      const accounts = [ALICE, BOB]
      const said = several(64, i => received('key', accounts[i % 2] ?? ALICE, BigInt(1 + (i % 8)) * 10n))
      const answers = await race(pair, 64, ({ settlements }, i) =>
        settlements.credit(said[i] ?? received('key', ALICE, 0n)),
      )
      const first = answers.findIndex(answer => answer !== 'key-reused')
      const winner = said[first]
      answers.forEach((answer, i) => {
        const isSame =
          said[i]?.account === winner?.account && said[i]?.quantity.amount === winner?.quantity.amount
        equal(answer, isSame ? winner?.quantity.amount : 'key-reused')
      })
      for (const account of accounts) {
        await hasBalance(pair[1], account, [account === winner?.account ? winner.quantity.amount : 0n])
      }
      await addsUp(pair[0], ALL)
    },
    'lose nothing, not even what is left over, when many come at once': async ({ openPair }) => {
      const pair = await openPair()
      const answers = await race(pair, 64, ({ settlements }, i) =>
        settlements.credit(received(`key ${i}`, ALICE, 137n, 11)),
      )
      // 64 times 1.37 are 87.68.
      const total = answers.reduce<bigint>((sum, answer) => sum + (answer === 'key-reused' ? 0n : answer), 0n)
      equal(total, 87n)
      await hasBalance(pair[1], ALICE, [87n])
      equal(await pair[1].settlements.credit(received('a', ALICE, 31n, 11)), 0n)
      equal(await pair[0].settlements.credit(received('b', ALICE, 1n, 11)), 1n)
      await addsUp(pair[0], ALL)
    },
  },
}

const HOUR_MS = 3_600_000

/** How long keys are known. */
const kept: Cases = {
  trait: 'settlements',
  needs: ['ledger', 'pass'],
  cases: {
    'are known by their keys as long as they have to be, each time anew': async ({ open, pass }) => {
      const store = await open()
      equal(await store.settlements.credit(received('key', ALICE, 5n)), 5n)
      for (let i = 0; i < 5; i++) {
        await pass(SETTLEMENT_KEY_KEPT_MS / 2)
        await store.settlements.credit(received(`another ${i}`, ledgerAccount(`a${i}`), 1n))
        await pass(SETTLEMENT_KEY_KEPT_MS / 2 - 1)
        // What others use is looked after as well.
        await store.settlements.credit(received(`one more ${i}`, ledgerAccount(`a${i}`), 1n))
        equal(await store.settlements.credit(received('key', ALICE, 5n)), 5n)
        equal(await store.settlements.credit(received('key', ALICE, 6n)), 'key-reused')
      }
      await hasBalance(store, ALICE, [5n])
    },
  },
}

/** Over a restart. */
const restarted: Cases = {
  trait: 'settlements',
  needs: ['ledger', 'durable'],
  cases: {
    'are known by their keys over a restart, with their answers and what is left over': async ({ open }) => {
      const before = await open()
      await before.settlements.credit(received('one', ALICE, 150n, 11))
      await before.settlements.credit(received('☃', EVE, 10n ** 99n + 3n, 255))
      await before.stop()
      const store = await open()
      equal(await store.settlements.credit(received('two', ALICE, 49n, 11)), 0n)
      equal(await store.settlements.credit(received('three', ALICE, 1n, 11)), 1n)
      equal(await store.settlements.credit(received('four', EVE, 10n ** 99n - 1n, 101)), 0n)
      equal(await store.settlements.credit(received('five', EVE, 1n, 101)), 1n)
      equal(await store.settlements.credit(received('one', ALICE, 150n, 11)), 1n)
      equal(await store.settlements.credit(received('one', ALICE, 150n, 12)), 'key-reused')
      equal(await store.settlements.credit(received('☃', EVE, 10n ** 99n + 3n, 255)), 0n)
      await hasBalance(store, ALICE, [2n])
      await addsUp(store, ALL)
    },
  },
}

/** Over a restart that takes hours. */
const restartedLater: Cases = {
  trait: 'settlements',
  needs: ['ledger', 'durable', 'pass'],
  cases: {
    'are known by their keys for a day, also where most of it passes while the store is closed': async ({
      open,
      pass,
    }) => {
      const before = await open()
      await before.settlements.credit(received('key', ALICE, 5n))
      await pass(HOUR_MS)
      await before.stop()
      await pass(SETTLEMENT_KEY_KEPT_MS - HOUR_MS - 1)
      const store = await open()
      await store.settlements.credit(received('another', BOB, 5n))
      equal(await store.settlements.credit(received('key', ALICE, 6n)), 'key-reused')
      equal(await store.settlements.credit(received('key', ALICE, 5n)), 5n)
      await hasBalance(store, ALICE, [5n])
    },
  },
}

export const creditCases: readonly Cases[] = [credited, races, kept, restarted, restartedLater]
