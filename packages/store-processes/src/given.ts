import { type AccountId, accountId } from '@ilp/service-core'
import type { LedgerAccount, Operation, Store, Transfer } from '@ilp/store-traits'

const asset = { code: 'USD', scale: 9 }
export const ALICE: LedgerAccount = { id: accountId('alice'), asset }
export const BOB: LedgerAccount = { id: accountId('bob'), asset }

/** An account as account stores keep it. */
export const stored = (id: AccountId) => ({ id, username: id, asset })

/** Of three units from alice, two reach bob. */
export const TRANSFER: Transfer = { from: ALICE, incomingAmount: 3n, to: BOB, amount: 2n }
export const reserve: Operation = { kind: 'reserve', transfer: TRANSFER }
export const commit: Operation = { kind: 'commit', transfer: TRANSFER }

/** The lease, and the longest hold, of those that are to run out of them. */
export const SHORT = { leaseMs: 1_000, holdMaxMs: 500 }
/** Of those that nobody else may end. */
export const LONG = { leaseMs: 600_000, holdMaxMs: 600_000 }

/** Stores that are stopped together. */
export class Stores<Given extends readonly unknown[]> {
  readonly #create: (...given: Given) => Store
  readonly #open: Store[] = []

  constructor(create: (...given: Given) => Store) {
    this.#create = create
  }

  /** One more, which has started. */
  readonly open = async (...given: Given): Promise<Store> => {
    const store = this.#create(...given)
    this.#open.push(store)
    await store.start()
    return store
  }

  async stop(): Promise<void> {
    for (const store of this.#open.splice(0)) await store.stop()
  }
}

/** Tries again until it does not fail, as the ledger does; fails itself with what was said last. */
export async function persist<T>(attempt: () => Promise<T>, withinMs = 30_000): Promise<T> {
  const untilMs = performance.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
}

/** Resolves when it holds. */
export const holds = (condition: () => boolean, withinMs?: number): Promise<void> =>
  persist(async () => {
    if (!condition()) throw new Error(`not in time: ${condition}`)
  }, withinMs)
