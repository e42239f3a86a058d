/** What the admin API answers, as far as this page reads it. Amounts are whole numbers in strings. */

export interface Asset {
  readonly code: string
  readonly scale: number
}

export const RELATIONS = ['parent', 'peer', 'child', 'local'] as const
export type Relation = (typeof RELATIONS)[number]

export interface RateLimit {
  readonly packetsPerMinute?: number
  readonly amountPerMinute?: string
}

export interface Link {
  readonly outgoing?: { readonly url: string }
}

export interface Settlement {
  readonly engineUrl: string
  readonly settleThreshold?: string
  readonly settleTo?: string
  readonly settleIntervalMs?: number
}

export interface Account {
  readonly username: string
  readonly id: string
  readonly origin: 'file' | 'api'
  readonly isDisabled: boolean
  readonly relation: Relation
  readonly ilpAddress?: string
  readonly asset: Asset
  readonly minBalance?: string
  readonly maxBalance?: string
  readonly maxPacketAmount?: string
  readonly rateLimit?: RateLimit
  readonly outgoingRateLimit?: RateLimit
  readonly http?: Link
  readonly btp?: Link
  readonly settlement?: Settlement
}

export interface Balance {
  readonly account: string
  /** What the node owes the account; negative when the account owes the node. */
  readonly balance: string
  readonly heldOut: string
  readonly heldIn: string
  readonly asset: Asset
}

export interface Position {
  readonly asset: Asset
  readonly balance: string
  readonly settled: string
  readonly adjusted: string
}

export interface Adjustment {
  readonly key: string
  readonly amount: string
  readonly reason: string
  readonly postedAtMs: number
}

export interface Connection {
  readonly account: string
  readonly isUp: boolean
  readonly dials: string | null
  readonly sessions: number
  readonly pending: number
  readonly unsentBytes: number
}

/** How posting packets to an account went. */
export interface HttpConnection {
  readonly account: string
  readonly posts: string
  readonly isFailing: boolean
  readonly inFlight: number
  readonly lastSuccessAtMs: number | null
  readonly lastFailure: string | null
}

export const ORIGINS = ['static', 'own', 'account', 'learned'] as const

export interface Route {
  readonly prefix: string
  readonly account: string | null
  readonly origin: (typeof ORIGINS)[number]
  readonly isOfFile: boolean
  readonly path: readonly string[]
  readonly isDown: boolean
  readonly sinceMs: number
}

export interface Payment {
  readonly id: string
  readonly account: string
  readonly pointer: string
  readonly amount: { readonly source: string } | { readonly delivery: string }
  readonly end: string | null
  readonly detail: string | null
  readonly sent: string
  readonly delivered: string
  readonly inFlight: string
  readonly unknown: string
  readonly asset: Asset
  readonly receiverAsset: Asset | null
  readonly beganAtMs: number
  readonly endedAtMs: number | null
}

export interface PaymentOrder {
  readonly pointer: string
  readonly amount: { readonly source: string } | { readonly delivery: string; readonly sourceMax?: string }
}

export interface SettlementState {
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

/** Sums since the process began. */
export interface Traffic {
  readonly fulfilled: number
  readonly rejected: number
  readonly rejects: Readonly<Record<string, number>>
  readonly inFlight: number
  readonly fulfilledWithin: readonly { readonly ms: number | null; readonly count: number }[]
}

export interface PacketEvent {
  readonly from: string
  readonly to: string | null
  readonly amount: string
  readonly destination: string
  readonly outcome: string
  readonly rejectedBy?: string
  readonly tookMs: number
}

/** What the log has as an error; with a `state`, an alert that was raised or cleared. */
export interface AlertEvent {
  readonly state?: 'raised' | 'cleared'
  readonly message: string
  readonly account?: string
}

export interface Alert {
  readonly id: string
  readonly kind: string
  readonly account: string | null
  readonly message: string
  readonly raisedAtMs: number
}

export interface LinkEvent {
  readonly account: string
  readonly isUp: boolean
}
