import type { shownAccount } from '../admin/account-view.js'
import type { shownBalance } from '../admin/balances.js'
import type { shownPayment } from '../admin/payments.js'
import type { AlertKind } from '../alerts/kinds.js'
import type { ReconciliationEntry } from '../reconciliation.js'
import type { Asset } from './amounts.js'

export type ShownAccount = ReturnType<typeof shownAccount>
export type ShownBalance = ReturnType<typeof shownBalance>
export type ShownPayment = ReturnType<typeof shownPayment>

export interface ShownPosition {
  readonly asset: Asset
  readonly balance: string
  readonly settled: string
  readonly adjusted: string
}

export interface ShownAdjustment {
  readonly key: string
  readonly amount: string
  readonly reason: string
  readonly postedAtMs: number
}

export interface ShownRoute {
  readonly prefix: string
  readonly account: string | null
  readonly origin: 'static' | 'own' | 'account' | 'learned'
  readonly isOfFile: boolean
  readonly path: readonly string[]
  readonly isDown: boolean
  readonly sinceMs: number
}

export interface ShownRates {
  readonly provider: string | null
  readonly spread: string
  readonly rates: Readonly<Record<string, string>>
  /** Those of them that were set by hand. */
  readonly overrides: Readonly<Record<string, string>>
  readonly asOfMs?: number
}

export interface ShownConnection {
  readonly account: string
  readonly isUp: boolean
  readonly dials: string | null
  readonly sessions: number
  readonly pending: number
  readonly unsentBytes: number
}

export interface ShownSettlement {
  readonly outbox: readonly {
    readonly account: string | null
    readonly accountId: string
    readonly amount: string
    readonly asset: Asset
    readonly createdAtMs: number
  }[]
  readonly outboxSize: number
  readonly orphans: number
  readonly engines: readonly {
    readonly url: string
    readonly isUp: boolean | null
    readonly accounts: number
    readonly waiting: number
    readonly lastError: { readonly message: string; readonly atMs: number } | null
  }[]
}

export interface ShownHttpLink {
  readonly account: string
  readonly posts: string
  readonly isFailing: boolean
  readonly inFlight: number
  readonly lastSuccessAtMs: number | null
  readonly lastFailureAtMs: number | null
  readonly lastFailure: string | null
}

export interface ShownAlert {
  readonly id: string
  readonly kind: AlertKind
  readonly account: string | null
  readonly message: string
  readonly raisedAtMs: number
}

export interface ShownReconciliation {
  readonly entries: readonly ReconciliationEntry[]
  readonly size: number
  readonly unlisted: number
}
