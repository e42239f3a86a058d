import { type Store, StoreError } from '@ilp/store-traits'
import type { SettlementAccount } from './account.js'

/** What can be lost of the store's money, where that forbids to settle; undefined where nothing does. */
export const volatility = (
  store: Pick<Store, 'properties'>,
  { allowVolatileSettlement }: { readonly allowVolatileSettlement: boolean },
): string | undefined => (allowVolatileSettlement ? undefined : store.properties().loses)

/** @throws StoreError ERR_STORE_UNSAFE when there are accounts with an engine on a store that forbids to settle */
export function checkVolatility(loses: string | undefined, accounts: readonly SettlementAccount[]): void {
  const account = accounts.find(({ settlement, isDisabled }) => settlement && !isDisabled)
  if (loses === undefined || !account) return
  throw new StoreError(
    'ERR_STORE_UNSAFE',
    `account ${account.id} has a settlement engine, and the store can lose what it acknowledged (${loses}): ` +
      'use a durable one, or set allowVolatileSettlement',
  )
}
