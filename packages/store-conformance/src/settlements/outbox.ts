import { deepEqual, equal, ok } from 'node:assert/strict'
import { several } from '../given.js'
import {
  ALICE,
  addsUp,
  BOB,
  CAROL,
  counterparts,
  hasBalance,
  ledgerAccount,
  openSession,
} from '../ledger/given.js'
import type { Cases } from '../scene.js'
import { ALL, ALL_OF_IT, acknowledgeAll, gist, outbox, owe, race, received, terms } from './given.js'

/** What waits for engines. */
const waiting: Cases = {
  trait: 'settlements',
  needs: ['ledger'],
  cases: {
    'are in the outbox as they were answered': async ({ open }) => {
      const store = await open()
      await owe(await openSession(store), ALICE, 100n)
      const limits = { minBalance: -5n, maxBalance: 1_000n }
      const settlement = await store.settlements.settle({ ...ALICE, ...limits }, ALL_OF_IT)
      deepEqual(await store.settlements.readOutbox(), [settlement])
      const { id, asset } = ALICE
      deepEqual(settlement?.account, { id, asset })
      deepEqual(Object.keys(settlement ?? {}).sort(), ['account', 'amount', 'createdAtMs', 'key'])
      ok(Number.isSafeInteger(settlement?.createdAtMs), 'the time in whole milliseconds')
    },
    'have the time of the store': async scene => {
      const store = await scene.open()
      await owe(await openSession(store), ALICE, 100n)
      await owe(await openSession(store), BOB, 100n)
      const first = await store.settlements.settle(ALICE, ALL_OF_IT)
      await scene.pass(scene.leaseMs)
      const second = await store.settlements.settle(BOB, ALL_OF_IT)
      const passed = (second?.createdAtMs ?? 0) - (first?.createdAtMs ?? 0)
      ok(passed >= scene.leaseMs - 1 && passed < scene.leaseMs + 60_000, `${passed} ms later`)
    },
    'wait in the order in which they came': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const accounts = several(12, i => ledgerAccount(`a${(i * 5) % 12}`))
      for (const account of accounts) {
        await owe(session, account, 5n)
        await store.settlements.settle(account, ALL_OF_IT)
      }
      const order = async () => (await outbox(store)).map(([id]) => id)
      const ids = accounts.map(({ id }) => id)
      deepEqual(await order(), ids)
      const [first] = await store.settlements.readOutbox()
      await store.settlements.acknowledge(first?.key ?? '')
      await owe(session, accounts[0] ?? ALICE, 5n)
      await store.settlements.settle(accounts[0] ?? ALICE, ALL_OF_IT)
      deepEqual(await order(), [...ids.slice(1), ids[0]])
    },
    'are one for each account, given again until it is acknowledged': async ({ openPair }) => {
      const [one, other] = await openPair()
      const session = await openSession(one)
      await owe(session, ALICE, 100n)
      const settlement = await one.settlements.settle(ALICE, terms(100n, 10n))
      await owe(session, ALICE, 500n)
      for (const { settlements } of [one, other]) {
        for (const each of [terms(100n, 10n), terms(0n), terms(1_000n), terms(1n, 600n)]) {
          deepEqual(await settlements.settle(ALICE, each), settlement)
        }
        deepEqual(await settlements.readOutbox(), [settlement])
      }
      await hasBalance(one, ALICE, [510n])
      await addsUp(one, ALL)
    },
    'are over when they are acknowledged, once or twice, and the next has a key of its own': async ({
      open,
    }) => {
      const store = await open()
      const { settlements } = store
      const session = await openSession(store)
      await owe(session, ALICE, 100n)
      const first = await settlements.settle(ALICE, ALL_OF_IT)
      await settlements.acknowledge(first?.key ?? '')
      deepEqual(await settlements.readOutbox(), [])
      await hasBalance(store, ALICE, [0n])
      equal(await settlements.settle(ALICE, ALL_OF_IT), undefined)
      await owe(session, ALICE, 100n)
      const second = await settlements.settle(ALICE, ALL_OF_IT)
      ok(second && first && second.key !== first.key, 'another key')
      await settlements.acknowledge(first.key)
      deepEqual(await settlements.readOutbox(), [second])
      await settlements.acknowledge(second.key)
      await settlements.acknowledge(second.key)
      deepEqual(await settlements.readOutbox(), [])
      deepEqual(await counterparts(store), [0n, 200n, 0n])
      await addsUp(store, ALL)
    },
    'stay when others are acknowledged, or one that nobody knows': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      for (const account of [ALICE, BOB, CAROL]) {
        await owe(session, account, 5n)
        await store.settlements.settle(account, ALL_OF_IT)
      }
      const [, bobs] = await store.settlements.readOutbox()
      for (const key of ['', 'unknown', 'alice', `${bobs?.key} `]) await store.settlements.acknowledge(key)
      await store.settlements.acknowledge(bobs?.key ?? '')
      deepEqual(await outbox(store), [
        ['alice', 5n],
        ['carol', 5n],
      ])
    },
    'are of keys that nobody can guess': async ({ open }) => {
      const store = await open()
      const session = await openSession(store)
      const keys = new Set<string>()
      for (let i = 0; i < 20; i++) {
        await owe(session, ALICE, 5n)
        keys.add((await store.settlements.settle(ALICE, ALL_OF_IT))?.key ?? '')
        await acknowledgeAll(store)
      }
      equal(keys.size, 20)
      for (const key of keys) ok(/^[\w-]{20,255}$/.test(key), `${key} is long, and goes into any header`)
    },
    'are acknowledged once by many at once, while others settle': async ({ openPair }) => {
      const pair = await openPair()
      const session = await openSession(pair[0])
      await owe(session, ALICE, 64n)
      await pair[0].settlements.settle(ALICE, terms(1n, 63n))
      const [first] = await pair[0].settlements.readOutbox()
      await race(pair, 64, async ({ settlements }, i) => {
        if (i % 2) await settlements.acknowledge(first?.key ?? '')
        else await settlements.settle(ALICE, terms(1n, 60n))
      })
      await pair[1].settlements.settle(ALICE, terms(1n, 60n))
      const left = await pair[1].settlements.readOutbox()
      deepEqual(left.map(gist), [['alice', 3n]])
      ok(left[0]?.key !== first?.key)
      await hasBalance(pair[0], ALICE, [60n])
      await addsUp(pair[0], ALL)
    },
  },
}

const kept: Cases = {
  trait: 'settlements',
  needs: ['ledger', 'durable'],
  cases: {
    'wait over a restart, in their order, with their keys': async ({ open }) => {
      const before = await open()
      const session = await openSession(before)
      for (const account of [CAROL, ALICE, BOB]) {
        await owe(session, account, 2n ** 63n)
        await before.settlements.settle(account, terms(1n, -(2n ** 80n)))
      }
      const sent = await before.settlements.readOutbox()
      await before.settlements.acknowledge(sent[1]?.key ?? '')
      const balances = await Promise.all(ALL.map(({ id }) => before.ledger.readBalance(id)))
      const [, settled] = await counterparts(before)
      await before.stop()
      const store = await open()
      deepEqual(await store.settlements.readOutbox(), [sent[0], sent[2]])
      deepEqual(await Promise.all(ALL.map(({ id }) => store.ledger.readBalance(id))), balances)
      deepEqual(await counterparts(store), [0n, settled, 0n])
      equal(settled, 3n * (2n ** 63n + 2n ** 80n))
      await store.settlements.credit(received('more', ALICE, 2n ** 81n))
      deepEqual(await store.settlements.settle(CAROL, ALL_OF_IT), sent[0])
      const next = await store.settlements.settle(ALICE, ALL_OF_IT)
      deepEqual(await store.settlements.readOutbox(), [sent[0], sent[2], next])
      ok(next && next.key !== sent[1]?.key)
      await addsUp(store, ALL)
    },
  },
}

export const outboxCases: readonly Cases[] = [waiting, kept]
