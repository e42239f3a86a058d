import { doesNotThrow, equal, rejects, throws } from 'node:assert/strict'
import type { SessionId } from '@ilp/store-traits'
import { ALICE, account, isClosed, USD } from './given.js'
import type { Trait } from './harness.js'
import type { AnyStore, Cases } from './scene.js'

const SESSION = 'of no store' as SessionId
const PARTY = { id: ALICE, asset: USD }

/** Every use of a trait: those that answer at once, and those that promise. */
const USES: Record<Trait, { now: ((store: AnyStore) => unknown)[]; later: Promised[] }> = {
  accounts: {
    now: [
      ({ accounts }) => accounts.get(ALICE),
      ({ accounts }) => accounts.byUsername('alice'),
      ({ accounts }) => accounts.all(),
    ],
    later: [({ accounts }) => accounts.put(account(ALICE)), ({ accounts }) => accounts.remove(ALICE)],
  },
  credentials: {
    now: [
      ({ credentials }) => credentials.authenticate('btp', 'token'),
      ({ credentials }) => credentials.outgoingToken(ALICE, 'btp'),
    ],
    later: [
      ({ credentials }) => credentials.setIncomingTokens(ALICE, 'btp', ['token']),
      ({ credentials }) => credentials.setOutgoingToken(ALICE, 'btp', 'token'),
    ],
  },
  address: { now: [({ address }) => address.get()], later: [({ address }) => address.set('test.alice')] },
  routes: {
    now: [({ routes }) => routes.all()],
    later: [
      ({ routes }) => routes.put({ prefix: 'test.alice', account: ALICE }),
      ({ routes }) => routes.remove('test.alice'),
    ],
  },
  rates: {
    now: [({ rates }) => rates.get()],
    later: [({ rates }) => rates.set({ rates: { USD: '1' }, asOfMs: 1 })],
  },
  ledger: {
    now: [],
    later: [
      ({ ledger }) => ledger.openSession({ leaseMs: 1_000, holdMaxMs: 1_000 }),
      ({ ledger }) => ledger.renewSession(SESSION),
      ({ ledger }) => ledger.endSession(SESSION),
      ({ ledger }) => ledger.endExpiredSessions(),
      ({ ledger }) => ledger.apply(SESSION, 1, []),
      ({ ledger }) => ledger.readBalance(ALICE),
      ({ ledger }) => ledger.readPositions(),
    ],
  },
  settlements: {
    now: [],
    later: [
      ({ settlements }) => settlements.settle(PARTY, { threshold: 0n, settleTo: 0n }),
      ({ settlements }) => settlements.readOutbox(),
      ({ settlements }) => settlements.acknowledge('key'),
      ({ settlements }) =>
        settlements.credit({ key: 'key', account: PARTY, quantity: { amount: 1n, scale: 9 } }),
    ],
  },
  adjustments: {
    now: [],
    later: [
      ({ adjustments }) =>
        adjustments.adjust({ key: 'key', account: PARTY, amount: 1n, reason: 'a bank transfer' }),
      ({ adjustments }) => adjustments.read(ALICE),
    ],
  },
  rateLimits: {
    now: [],
    later: [
      ({ rateLimits }) => rateLimits.take('bucket', { perMinute: 1n, capacity: 1n }, 1n),
      ({ rateLimits }) => rateLimits.give('bucket', { perMinute: 1n, capacity: 1n }, 1n),
    ],
  },
}

type Promised = (store: AnyStore) => Promise<unknown>

async function refusesAll(store: AnyStore, trait: Trait): Promise<void> {
  for (const use of USES[trait].now) throws(() => use(store), isClosed, String(use))
  for (const use of USES[trait].later) await rejects(() => use(store), isClosed, String(use))
}

const lifeOf = (trait: Trait): Cases => ({
  trait,
  cases: {
    'refuses everything before the start': async ({ create }) => {
      await refusesAll(create(), trait)
    },
    'refuses everything behind the stop': async ({ open }) => {
      const store = await open()
      await store.stop()
      await refusesAll(store, trait)
    },
    'starts and stops once, however often it is asked to': async ({ create }) => {
      const store = create()
      await Promise.all([store.start(), store.start()])
      await store.start()
      for (const use of USES[trait].now) doesNotThrow(() => use(store))
      equal(typeof store.properties().shared, 'boolean')
      await Promise.all([store.stop(), store.stop()])
      await store[Symbol.asyncDispose]()
      await refusesAll(store, trait)
    },
    'stops without having been started': async ({ create }) => {
      await create().stop()
    },
  },
})

export const lifeCases: readonly Cases[] = (Object.keys(USES) as Trait[]).map(lifeOf)
