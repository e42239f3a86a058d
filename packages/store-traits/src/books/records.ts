import type { AccountId, Asset } from '@ilp/service-core'
import type { PostedAdjustment } from '../adjustments.js'
import type { Balance, Outcome, SessionId, SessionTerms } from '../ledger/ledger-store.js'
import type { Quantity } from '../settlements/quantity.js'
import type { OutgoingSettlement } from '../settlements/settlement-store.js'

/**
 * What books consist of, as a durable store writes it and gives it back. Each is known by its kind and by the properties
 * named first; the others are what it says.
 */
export type SavedRecord =
  | SavedPosition
  | SavedBalance
  | SavedSession
  | SavedHold
  | SavedSettlement
  | SavedKey
  | SavedLeftover
  | SavedAdjustment

/** The node's own accounts in one asset. */
export interface SavedPosition {
  readonly kind: 'position'
  readonly asset: Asset
  readonly balance: bigint
  readonly settled: bigint
  readonly adjusted: bigint
}

/** An account's balance. What is held of it is the sum of the holds. */
export interface SavedBalance {
  readonly kind: 'balance'
  readonly account: AccountId
  readonly asset: Asset
  readonly balance: bigint
}

export interface SavedSession {
  readonly kind: 'session'
  readonly session: SessionId
  readonly terms: SessionTerms
  /** When it last gave a sign of life. */
  readonly seenMs: number
  readonly endedMs: number | undefined
  /** The last batch applied, and what came of it. */
  readonly seq: number
  readonly outcomes: readonly Outcome[]
}

/** The part of an account's holds that one session owns. */
export interface SavedHold {
  readonly kind: 'hold'
  readonly session: SessionId
  readonly account: AccountId
  readonly out: bigint
  readonly into: bigint
}

/** What is on its way to an account's engine. */
export interface SavedSettlement {
  readonly kind: 'settlement'
  readonly account: AccountId
  /** Rises from one to the next. */
  readonly number: number
  readonly key: string
  readonly amount: bigint
  readonly createdAtMs: number
}

/** The key of an incoming settlement: what was said under it, and what was answered. */
export interface SavedKey {
  readonly kind: 'key'
  readonly key: string
  readonly account: AccountId
  readonly quantity: Quantity
  readonly credited: bigint
  readonly usedMs: number
}

/** What incoming settlements left over of an account. */
export interface SavedLeftover {
  readonly kind: 'leftover'
  readonly account: AccountId
  readonly quantity: Quantity
}

export interface SavedAdjustment extends PostedAdjustment {
  readonly kind: 'adjustment'
  /** Rises from one to the next. */
  readonly number: number
}

/** A record as the books keep it. It goes on changing: a store that writes it reads it at one moment. */
export type BooksRecord = SavedRecord & RecordState

interface RecordState {
  /** Whether it is to be there no more. */
  readonly isGone: boolean
  /** The store's own: nobody else touches it. Meant for what a store makes once for each record, such as its row's key. */
  row: unknown
}

/** What all records have. They are as small as they can be: packets meet thousands of them. */
class State implements RecordState {
  isGone = false
  row: unknown = undefined
}

export class PositionRecord extends State implements SavedPosition {
  readonly asset: Asset
  balance = 0n
  settled = 0n
  adjusted = 0n
  /** Whether there has been a posting. Without one it is shown to nobody. */
  isPosted = false

  constructor({ code, scale }: Asset) {
    super()
    this.asset = Object.freeze({ code, scale })
  }

  get kind(): 'position' {
    return 'position'
  }
}

/** An account's money. It has its position at hand, so that a commit looks nothing up. */
export class BalanceRecord extends State implements SavedBalance, Balance {
  balance = 0n
  heldOut = 0n
  heldIn = 0n

  constructor(
    readonly account: AccountId,
    readonly position: PositionRecord,
  ) {
    super()
  }

  get kind(): 'balance' {
    return 'balance'
  }

  get asset(): Asset {
    return this.position.asset
  }
}

export class HoldRecord extends State implements SavedHold {
  out = 0n
  into = 0n

  constructor(
    readonly session: SessionId,
    readonly account: AccountId,
  ) {
    super()
  }

  get kind(): 'hold' {
    return 'hold'
  }
}

export class SessionRecord extends State implements SavedSession {
  endedMs: number | undefined = undefined
  seq = 0
  outcomes: readonly Outcome[] = []
  readonly holds = new Map<BalanceRecord, HoldRecord>()

  constructor(
    readonly session: SessionId,
    readonly terms: SessionTerms,
    public seenMs: number,
  ) {
    super()
  }

  get kind(): 'session' {
    return 'session'
  }

  /** What it holds of an account. */
  holdOf(record: BalanceRecord): HoldRecord {
    const known = this.holds.get(record)
    if (known) return known
    const none = new HoldRecord(this.session, record.account)
    this.holds.set(record, none)
    return none
  }
}

export class SettlementRecord extends State implements SavedSettlement {
  constructor(
    readonly number: number,
    /** As it is given out. Frozen. */
    readonly settlement: OutgoingSettlement,
  ) {
    super()
  }

  get kind(): 'settlement' {
    return 'settlement'
  }

  get account(): AccountId {
    return this.settlement.account.id
  }

  get key(): string {
    return this.settlement.key
  }

  get amount(): bigint {
    return this.settlement.amount
  }

  get createdAtMs(): number {
    return this.settlement.createdAtMs
  }
}

export class KeyRecord extends State implements SavedKey {
  constructor(
    readonly key: string,
    readonly account: AccountId,
    readonly quantity: Quantity,
    readonly credited: bigint,
    public usedMs: number,
  ) {
    super()
  }

  get kind(): 'key' {
    return 'key'
  }
}

export class LeftoverRecord extends State implements SavedLeftover {
  constructor(
    readonly account: AccountId,
    public quantity: Quantity,
  ) {
    super()
  }

  get kind(): 'leftover' {
    return 'leftover'
  }
}

export class AdjustmentRecord extends State implements SavedAdjustment {
  constructor(
    readonly number: number,
    /** As it is given out. Frozen. */
    readonly posted: PostedAdjustment,
  ) {
    super()
  }

  get kind(): 'adjustment' {
    return 'adjustment'
  }

  get key(): string {
    return this.posted.key
  }

  get account(): AccountId {
    return this.posted.account
  }

  get amount(): bigint {
    return this.posted.amount
  }

  get reason(): string {
    return this.posted.reason
  }

  get postedAtMs(): number {
    return this.posted.postedAtMs
  }
}
