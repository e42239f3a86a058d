import { storeConformance } from '@ilp/store-conformance'
import { createSmallStore, type SmallBackend } from './small-store.js'

/** The tests of a store that has the address trait alone. */
export const tests = storeConformance({
  traits: ['address'],
  createBackend: (): SmallBackend => ({ address: undefined }),
  createStore: createSmallStore,
  concurrent: false,
  durable: true,
})

// In a test file: for (const { name, run } of tests) it(name, run)
