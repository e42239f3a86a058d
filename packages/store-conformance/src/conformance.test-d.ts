import type { Store } from '@ilp/store-traits'
import { test } from 'vitest'
import { type ConformanceAccount, storeConformance, TRAITS } from './index.js'

declare const store: Store<ConformanceAccount>
declare const ledgerAlone: Pick<
  Store<ConformanceAccount>,
  'ledger' | 'properties' | 'start' | 'stop' | typeof Symbol.asyncDispose
>
declare const named: Store<ConformanceAccount & { readonly limit: bigint }>

const shared = { createBackend: () => 'a backend', concurrent: true, durable: true }

test('a store is tested for traits that it has', () => {
  storeConformance({ ...shared, traits: TRAITS, createStore: () => store })
  storeConformance({ ...shared, traits: ['ledger'], createStore: () => store })
  storeConformance({ ...shared, traits: ['ledger'], createStore: () => ledgerAlone })
  // @ts-expect-error it has no accounts
  storeConformance({ ...shared, traits: ['ledger', 'accounts'], createStore: () => ledgerAlone })
  // @ts-expect-error it has only one of all traits
  storeConformance({ ...shared, traits: TRAITS, createStore: () => ledgerAlone })
})

test('a store has to take the accounts of the suite', () => {
  // @ts-expect-error its accounts need a limit
  storeConformance({ ...shared, traits: TRAITS, createStore: () => named })
})

test('the backend of a harness is of one type', () => {
  storeConformance({
    ...shared,
    traits: TRAITS,
    createStore: backend => {
      backend.toUpperCase()
      // @ts-expect-error a text has no such method
      backend.close()
      return store
    },
  })
})
