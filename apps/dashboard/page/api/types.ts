/**
 * What the admin API answers: by the connector's own schemas, of which nothing but types is imported. Amounts are whole
 * numbers in strings.
 */
import type { ShownAccount, ShownBalance, ShownRoute } from '../../../connector/src/cli/api-types.js'

export type { PacketEvent } from '../../../connector/src/admin/events.js'
export type {
  PaymentBody as PaymentOrder,
  ShownAccount as Account,
  ShownAdjustment as Adjustment,
  ShownAlert as Alert,
  ShownConnection as Connection,
  ShownHttpLink as HttpConnection,
  ShownPayment as Payment,
  ShownPong as Pong,
  ShownPosition as Position,
  ShownRates as ExchangeRates,
  ShownReconciliation as Reconciliation,
  ShownRoute as Route,
  ShownSettlement as SettlementState,
  ShownTraffic as Traffic,
} from '../../../connector/src/cli/api-types.js'

export type Asset = ShownAccount['asset']

export const RELATIONS = ['parent', 'peer', 'child', 'local'] as const satisfies ShownAccount['relation'][]

/** What the node owes the account; negative when the account owes the node. */
export interface Balance extends ShownBalance {
  readonly account: string
}

export const ORIGINS = ['static', 'own', 'account', 'learned'] as const satisfies ShownRoute['origin'][]

/** What the log has as an error; with a `state`, an alert that was raised or cleared. */
export interface AlertEvent {
  readonly state?: 'raised' | 'cleared'
  readonly message: string
  readonly account?: string
}

export interface LinkEvent {
  readonly account: string
  readonly isUp: boolean
}
