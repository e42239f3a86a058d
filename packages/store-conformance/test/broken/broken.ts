import type { createPlainStore, PlainBackend } from '../plain-store.js'

/** A store with one fault, and the tests that have to find it. */
export interface Broken {
  readonly fault: string
  /** Puts the fault into a backend that is correct otherwise. */
  readonly into?: (backend: PlainBackend) => void
  /** Makes a store with the fault on a correct backend. */
  readonly createStore?: typeof createPlainStore
  readonly caughtBy: readonly string[]
}
