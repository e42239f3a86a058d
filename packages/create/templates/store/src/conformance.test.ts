import { storeConformance } from '@ilp/store-conformance'
import { describe, it } from 'vitest'
import { createMapBackend } from './backend.js'
import { createMyStore } from './my-store.js'

/** A backend with a clock that stands still until it is told to go on. */
const createBackend = () => ({ clock: { ms: 0 }, backend: createMapBackend() })

describe('the store', () => {
  const tests = storeConformance({
    traits: ['ledger', 'settlements', 'adjustments'],
    createBackend,
    createStore: ({ backend, clock }) => createMyStore({ backend, nowMs: () => clock.ms }),
    // One process, one store.
    concurrent: false,
    durable: true,
    pass: (ms, { clock }) => {
      clock.ms += ms
    },
  })
  for (const { name, run } of tests) it(name, run)
})
