import type { AccountId } from '@ilp/service-core'
import type { LedgerAccount } from './ledger/ledger-store.js'

/** Money posted by hand: a settlement through a bank, a reconciliation, a write-off. */
export interface Adjustment {
  /** By which the same adjustment is known when it is asked for again. 1 to 255 characters. */
  readonly key: string
  readonly account: LedgerAccount
  /** What the balance changes by, in the account's unit. Any size, either sign. */
  readonly amount: bigint
  /** Why, in words. Up to 1,000 characters. */
  readonly reason: string
}

export interface PostedAdjustment extends Omit<Adjustment, 'account'> {
  readonly account: AccountId
  /** By the store's clock, in milliseconds since 1970. */
  readonly postedAtMs: number
}

/** How many adjustments are read at once. */
export const ADJUSTMENTS_READ_MAX = 1_000

/** Adjustments of balances, kept for ever. Part of the ledger: the same backend, the same exactness. */
export interface AdjustmentStore {
  /**
   * Posts to the account and, as counterpart, to `adjusted` of its position, across any limit: in one atomic and durable
   * step with its record. Asked for again with the same key it has no effect, and the answer is the same; with the same
   * key and anything else it is refused.
   */
  readonly adjust: (adjustment: Adjustment) => Promise<'posted' | 'key-reused'>
  /** The account's latest adjustments, the newest first, at most ADJUSTMENTS_READ_MAX of them. */
  readonly read: (account: AccountId) => Promise<readonly PostedAdjustment[]>
}
