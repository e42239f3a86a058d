import type { Account, AccountId, Asset } from '@ilp/service-core'
import type { Watch } from './watch.js'

/**
 * What every stored account has. Stores keep all other properties as they are, so that services can bring fields of
 * their own: plain data only (strings, booleans, numbers, bigints, arrays, objects, undefined).
 */
export interface StoredAccount extends Account {
  /** The account's name in URLs and on screens. Unique among the accounts of a store, may change. */
  readonly username: string
  readonly asset: Asset
}

export interface AccountChange<A> {
  readonly id: AccountId
  /** The account as it is now; undefined when it was removed. */
  readonly account: A | undefined
}

export type PutAccountOutcome =
  | 'stored'
  /** Another account has this username. */
  | 'username-taken'
  /** The account exists with another asset, which never changes. */
  | 'asset-fixed'
  /** An account of this id was removed; ids are never reused. */
  | 'id-retired'

/** Accounts, all of them in memory once the store has started. */
export interface AccountStore<A extends StoredAccount = StoredAccount> {
  /** The account as of now; what it returns is frozen. */
  readonly get: (id: AccountId) => A | undefined
  readonly byUsername: (username: string) => A | undefined
  /** All accounts, in no order. */
  readonly all: () => readonly A[]
  /** Creates or replaces an account, atomically with its checks. */
  readonly put: (account: A) => Promise<PutAccountOutcome>
  /** Removes the account with its credentials and retires its id. No effect when there is none. */
  readonly remove: (id: AccountId) => Promise<void>
  readonly watch: Watch<AccountChange<A>>
}
