/** What the admin API answers: by its schemas, or by what makes the answers. */
import type { shownAccount } from '../admin/account-view.js'
import type { shownBalance } from '../admin/balances.js'
import type { shownPayment } from '../admin/payments.js'

export type { ShownAdjustment } from '../admin/adjustments.js'
export type { ShownAlert } from '../admin/alerts.js'
export type { ShownPosition } from '../admin/balances.js'
export type { ShownConnection, ShownHttpLink } from '../admin/connections.js'
export type { PaymentBody } from '../admin/payments.js'
export type { ShownPong } from '../admin/ping.js'
export type { ShownRates } from '../admin/rates.js'
export type { ShownReconciliation } from '../admin/reconciliation.js'
export type { ShownRoute } from '../admin/routes.js'
export type { ShownSettlement } from '../admin/settlement.js'
export type { ShownTraffic } from '../admin/traffic.js'

export type ShownAccount = ReturnType<typeof shownAccount>
export type ShownBalance = ReturnType<typeof shownBalance>
export type ShownPayment = ReturnType<typeof shownPayment>
