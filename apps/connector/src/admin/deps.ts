import type { BtpPool } from '@ilp/btp-pool'
import type { Ccp } from '@ilp/ccp'
import type { HttpLinkStats } from '@ilp/http-client'
import type { Metrics } from '@ilp/observe'
import type { Logger } from '@ilp/service-core'
import type { Settler } from '@ilp/settlement'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from '../account.js'
import type { Alert } from '../alerts/alert-book.js'
import type { Config } from '../config/schema.js'
import type { ExchangeRates } from '../exchange-rates.js'
import type { Pings } from '../pings.js'
import type { Reconciliation } from '../reconciliation.js'
import type { Events } from './events.js'
import type { PaymentBook } from './payment-book.js'

/** What the admin API shows and changes. */
export interface AdminDeps {
  readonly config: Config
  readonly store: Pick<
    Store<ConnectorAccount>,
    'accounts' | 'credentials' | 'routes' | 'ledger' | 'settlements' | 'adjustments' | 'properties'
  >
  /** Why packets can't be taken at the moment; undefined when they can. */
  readonly trouble: () => Promise<string | undefined>
  readonly routes: Ccp<ConnectorAccount>['routes']
  readonly pool: Pick<BtpPool, 'stats' | 'closeAccount'>
  readonly httpLinks: () => readonly HttpLinkStats[]
  readonly rates: Pick<ExchangeRates, 'provided' | 'overrides' | 'override'>
  /** The alerts that hold. */
  readonly alerts: () => readonly Alert[]
  readonly reconciliation: Pick<Reconciliation, 'list' | 'size' | 'unlisted' | 'settle'>
  readonly settler: Pick<Settler, 'stats' | 'retryNow'>
  readonly payments: Pick<PaymentBook, 'begin' | 'list' | 'cancel'>
  readonly pings: Pick<Pings, 'echo' | 'probe'>
  readonly events: Events
  readonly metrics: Pick<Metrics, 'text' | 'contentType' | 'registry'>
  /** Has a level that can be changed, unless it is one that can't. */
  readonly logger: Logger & { level?: string }
  /** 32 octets of this node's own, under which requests are told from others. */
  readonly secret: Uint8Array
}
