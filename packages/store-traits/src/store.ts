import type { Disposable } from '@ilp/service-core'
import type { AccountStore, StoredAccount } from './accounts.js'
import type { AddressStore } from './address.js'
import type { AdjustmentStore } from './adjustments.js'
import type { CredentialStore } from './credentials.js'
import type { LedgerStore } from './ledger/ledger-store.js'
import type { RateLimitStore } from './rate-limits.js'
import type { RateStore } from './rates.js'
import type { RouteStore } from './routes.js'
import type { SettlementStore } from './settlements/settlement-store.js'

/** What a store promises of itself, known once it has started. */
export interface StoreProperties {
  /** What can be lost of writes that it acknowledged, in words for the operator; undefined when nothing can. */
  readonly loses: string | undefined
  /** Whether several processes may use one backend at a time. */
  readonly shared: boolean
}

/**
 * A backend with the traits that it implements. A store may lack some; each service names the one that it needs, and
 * an assembly may take them from several stores.
 */
export interface Store<A extends StoredAccount = StoredAccount> extends Disposable {
  readonly properties: () => StoreProperties
  readonly accounts: AccountStore<A>
  readonly credentials: CredentialStore
  readonly address: AddressStore
  readonly routes: RouteStore
  readonly rates: RateStore
  readonly ledger: LedgerStore
  readonly settlements: SettlementStore
  readonly adjustments: AdjustmentStore
  readonly rateLimits: RateLimitStore
}
