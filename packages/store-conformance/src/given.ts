import type { AccountId, Asset } from '@ilp/service-core'
import { accountId } from '@ilp/service-core'
import type { Watch } from '@ilp/store-traits'
import type { ConformanceAccount } from './harness.js'

export const USD: Asset = { code: 'USD', scale: 9 }
export const EUR: Asset = { code: 'EUR', scale: 2 }

export const ALICE: AccountId = accountId('alice')
export const BOB: AccountId = accountId('bob')

/** An account to be stored, called like its id unless said otherwise. */
export const account = (id: AccountId, fields: Partial<ConformanceAccount> = {}): ConformanceAccount => ({
  id,
  username: id,
  asset: USD,
  ...fields,
})

/** `count` of what `make` makes. */
export const several = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** What a feed tells from now on. */
export function heard<Change>(watch: Watch<Change>): readonly Change[] {
  const changes: Change[] = []
  watch(change => void changes.push(change))
  return changes
}

export const isClosed = { name: 'StoreError', code: 'ERR_STORE_CLOSED' }
