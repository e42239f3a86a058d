import { accountId, lifecycle } from '@ilp/service-core'
import { TRAITS } from '../../src/index.js'
import { createPlainStore, PlainBackend } from '../plain-store.js'
import type { Broken } from './broken.js'

const ofAllTraits = (title: string) => TRAITS.map(trait => `${trait}: ${title}`)

const ALICE = { id: accountId('alice'), asset: { code: 'USD', scale: 9 } }

/** What stands on a backend that is thought to be empty. */
function used(backend: PlainBackend): void {
  backend.accounts.store({ id: 'alice', username: 'alice', asset: { code: 'USD', scale: 9 } } as never)
  backend.credentials.incoming = [
    { account: 'alice' as never, link: 'btp', hash: backend.credentials.hash('a token') },
  ]
  backend.address.current = 'test.former'
  backend.routes.routes.set('test', { prefix: 'test', account: 'alice' as never })
  backend.rates.current = { rates: {}, asOfMs: 1 }
  backend.ledger.of('alice' as never).balance = 1n
  backend.adjustments.post({ key: 'a', account: ALICE, amount: 1n, reason: '' })
  backend.settlements.send(ALICE, 1n)
}

export const brokenLives: readonly Broken[] = [
  {
    fault: 'answers before it was started',
    createStore: backend => {
      const store = createPlainStore(backend)
      void store.start()
      return store
    },
    caughtBy: ofAllTraits('refuses everything before the start'),
  },
  {
    fault: 'answers when it was stopped',
    createStore: backend => ({
      ...createPlainStore(backend),
      ...{ stop: async () => {}, [Symbol.asyncDispose]: async () => {} },
    }),
    caughtBy: [
      ...ofAllTraits('refuses everything behind the stop'),
      ...ofAllTraits('starts and stops once, however often it is asked to'),
    ],
  },
  {
    fault: 'can be stopped only when it was started',
    createStore: backend => {
      const store = createPlainStore(backend)
      let isStarted = false
      const start = () => {
        isStarted = true
        return store.start()
      }
      const stop = () => (isStarted ? store.stop() : Promise.reject(new Error('was not started')))
      return { ...store, start, stop }
    },
    caughtBy: ofAllTraits('stops without having been started'),
  },
  {
    fault: 'makes backends that are not empty',
    into: used,
    caughtBy: [
      'accounts: is empty at first',
      'credentials: knows no token at first',
      'address: is not known at first',
      'routes: are none at first',
      'rates: are not known at first',
      'ledger: knows zeros of an account that was in no transfer',
      'settlements: take nothing of an account that has no balance',
      'adjustments: are none at first',
    ],
  },
  {
    fault: 'begins empty each time that it is opened',
    createStore: () => createPlainStore(new PlainBackend()),
    caughtBy: [
      'accounts: has what was stored before it was opened',
      'accounts: keeps accounts and retired ids over a restart',
      'credentials: outlive a restart',
      'credentials: are in force in another store',
      'address: outlives a restart',
      'routes: outlive a restart',
      'routes: are in force in another store',
      'rates: outlive a restart, and are not replaced by older ones behind it',
      'rates: are in force in another store, once for both',
      'ledger: keeps balances, holds, positions and sessions over a restart',
      'settlements: wait over a restart, in their order, with their keys',
      'settlements: are known by their keys over a restart, with their answers and what is left over',
      'adjustments: outlive a restart, with their keys and their order',
    ],
  },
  {
    fault: 'never comes to be open',
    createStore: backend => ({
      ...createPlainStore(backend),
      ...lifecycle({ start: async () => {}, stop: async () => {} }),
    }),
    // The money and the limits can only be asked for with promises, which may be late.
    caughtBy: TRAITS.filter(
      trait => !['ledger', 'settlements', 'adjustments', 'rateLimits'].includes(trait),
    ).map(trait => `${trait}: starts and stops once, however often it is asked to`),
  },
]
