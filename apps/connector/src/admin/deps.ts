import type { BtpPool } from '@ilp/btp-pool'
import type { Ccp } from '@ilp/ccp'
import type { Metrics } from '@ilp/observe'
import type { Logger } from '@ilp/service-core'
import type { Settler } from '@ilp/settlement'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { Config } from '../config/schema.js'
import type { Events } from './events.js'
import type { PaymentBook } from './payment-book.js'

/** What the admin API shows and changes. */
export interface AdminDeps {
  readonly config: Config
  readonly store: Pick<
    Store<ConnectorAccount>,
    'accounts' | 'credentials' | 'routes' | 'rates' | 'ledger' | 'settlements' | 'adjustments' | 'properties'
  >
  /** Why packets can't be taken at the moment; undefined when they can. */
  readonly trouble: () => Promise<string | undefined>
  readonly routes: Ccp<ConnectorAccount>['routes']
  readonly pool: Pick<BtpPool, 'stats' | 'closeAccount'>
  readonly settler: Pick<Settler, 'stats' | 'retryNow'>
  readonly payments: Pick<PaymentBook, 'begin' | 'list' | 'cancel'>
  readonly events: Events
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>
  /** Has a level that can be changed, unless it is one that can't. */
  readonly logger: Logger & { level?: string }
  /** 32 octets of this node's own, under which requests are told from others. */
  readonly secret: Uint8Array
}
