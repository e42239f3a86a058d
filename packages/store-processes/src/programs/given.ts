import { accountId } from '@ilp/service-core'
import type { LedgerAccount, Store, Transfer } from '@ilp/store-traits'
import type { StoreModule } from '../harness.js'

const asset = { code: 'USD', scale: 9 }
export const ALICE: LedgerAccount = { id: accountId('alice'), asset }
export const BOB: LedgerAccount = { id: accountId('bob'), asset }

/** Of three units from alice, two reach bob. */
export const TRANSFER: Transfer = { from: ALICE, incomingAmount: 3n, to: BOB, amount: 2n }

/** The lease, and the longest hold, of those that are to run out of them. */
export const SHORT = { leaseMs: 300, holdMaxMs: 300 }
/** Of those that nobody else may end. */
export const LONG = { leaseMs: 600_000, holdMaxMs: 600_000 }

/** The store that the program was started with, and what it has to know besides. */
export async function started(): Promise<readonly [store: Store, argument: string]> {
  const [module = '', url = '', name = '', argument = ''] = process.argv.slice(2)
  const { createStore } = (await import(module)) as StoreModule
  const store = createStore(url, name)
  await store.start()
  return [store, argument]
}
