import type { Disposable } from '@ilp/service-core'
import type { Store, StoredAccount } from '@ilp/store-traits'

/** The traits that a store may have, each with tests of its own. */
export const TRAITS = [
  'accounts',
  'credentials',
  'address',
  'routes',
  'rates',
  'ledger',
  'settlements',
  'adjustments',
  'rateLimits',
] as const

export type Trait = (typeof TRAITS)[number]

/** The accounts that the suite stores. */
export interface ConformanceAccount extends StoredAccount {
  /** Any plain data, as services bring it. */
  readonly extra?: unknown
}

/** As much of a store as has the traits `T`. */
export type TestedStore<T extends Trait = Trait> = Pick<
  Store<ConformanceAccount>,
  T | 'properties' | keyof Disposable
>

/** What the suite has to know of a store, and how it gets one. */
export interface StoreHarness<Backend, T extends Trait = Trait> {
  /** The traits to be tested: `TRAITS`, or those that the store has. */
  readonly traits: readonly T[]
  /** Makes an empty backend: a database, a folder, a key prefix. Every test gets one of its own. */
  readonly createBackend: () => Backend | Promise<Backend>
  /** Makes a store on it, not started. A test may make several on one backend. */
  readonly createStore: (backend: Backend) => TestedStore<T>
  /** Called when all stores on the backend have been stopped. */
  readonly disposeBackend?: (backend: Backend) => void | Promise<void>
  /** Whether several stores may be open on one backend at a time. */
  readonly concurrent: boolean
  /** Whether a backend keeps what was written when no store is open on it. */
  readonly durable: boolean
  /** All that the backend holds, as somebody reads it who got hold of a copy. Without it no test looks for secrets. */
  readonly dump?: (backend: Backend) => string | Promise<string>
  /**
   * Lets time pass on the store's clock, which stands still otherwise. Waits, unless given; then no test looks at what is
   * kept for hours, or at what a millisecond brings.
   */
  readonly pass?: (ms: number, backend: Backend) => void | Promise<void>
  /** The unit of the leases in tests. Long enough that half of it never passes unnoticed between two calls. 200 unless given. */
  readonly leaseMs?: number
  /** By when a change made through one store is in force in the others. 1,000 unless given. */
  readonly feedMs?: number
  /** How many random histories are compared with the model. 60 unless given. */
  readonly histories?: number
}
