import { inspect } from 'node:util'
import { storeConformance, TRAITS } from '@ilp/store-conformance'
import { createSecrets } from '@ilp/store-traits'
import { describe, it } from 'vitest'
import { createMemoryBackend, createMemoryStore } from './index.js'

const secrets = createSecrets(new Uint8Array(32).fill(7))

/** A backend with a clock that stands still until it is told to go on. */
function createBackend() {
  const clock = { ms: 0 }
  return { clock, memory: createMemoryBackend({ nowMs: () => clock.ms }) }
}

describe('the memory store', () => {
  const tests = storeConformance({
    traits: TRAITS,
    createBackend,
    createStore: ({ memory }) => createMemoryStore({ secrets, backend: memory }),
    concurrent: true,
    durable: true,
    dump: ({ memory }) => inspect(memory, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
    pass: (ms, { clock }) => {
      clock.ms += ms
    },
  })
  for (const { name, run } of tests) it(name, run)
})
