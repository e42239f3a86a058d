import { fail } from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '@ilp/store-traits'
import type { ConformanceAccount, StoreHarness, Trait } from './harness.js'

export type AnyStore = Store<ConformanceAccount>

/** What one test works with: a backend of its own, and stores on it that are stopped behind it. */
export interface Scene {
  /** A store on the backend, started. */
  readonly open: () => Promise<AnyStore>
  /** Two of them; the same one twice where the backend allows only one. */
  readonly openPair: () => Promise<readonly [AnyStore, AnyStore]>
  /** A store on the backend, not started. */
  readonly create: () => AnyStore
  readonly dump: () => Promise<string>
  /** Lets time pass on the store's clock. */
  readonly pass: (ms: number) => Promise<void>
  /** Resolves when it holds, which a change feed has to bring about; fails when that takes too long. */
  readonly eventually: (what: string, holds: () => boolean) => Promise<void>
  readonly leaseMs: number
  readonly histories: number
}

/** What a set of cases needs besides its trait. */
export type Need = 'concurrent' | 'durable' | 'dump' | 'pass' | Trait

/** Tests of one trait by what they show. */
export interface Cases {
  readonly trait: Trait
  readonly needs?: readonly Need[]
  readonly cases: Readonly<Record<string, (scene: Scene) => Promise<void>>>
}

const LEASE_MS = 200
const FEED_MS = 1_000
const HISTORIES = 60

/** Runs one case on a backend made for it. */
export async function play<Backend, T extends Trait>(
  harness: StoreHarness<Backend, T>,
  run: (scene: Scene) => Promise<void>,
): Promise<void> {
  const backend = await harness.createBackend()
  const stores: AnyStore[] = []
  const create = () => {
    // Cases of a trait that the store lacks are not run.
    const store = harness.createStore(backend) as unknown as AnyStore
    stores.push(store)
    return store
  }
  const open = async () => {
    const store = create()
    await store.start()
    return store
  }
  try {
    await run({
      create,
      open,
      openPair: async () => {
        const store = await open()
        return [store, harness.concurrent ? await open() : store]
      },
      dump: async () => (await harness.dump?.(backend)) ?? '',
      pass: async ms => {
        await (harness.pass ? harness.pass(ms, backend) : sleep(ms))
      },
      eventually: (what, holds) => eventually(what, holds, harness.feedMs ?? FEED_MS),
      leaseMs: harness.leaseMs ?? LEASE_MS,
      histories: harness.histories ?? HISTORIES,
    })
  } finally {
    for (const store of stores) await store.stop()
    await harness.disposeBackend?.(backend)
  }
}

async function eventually(what: string, holds: () => boolean, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > until) fail(`not within ${withinMs} ms: ${what}`)
    await sleep(1)
  }
}
