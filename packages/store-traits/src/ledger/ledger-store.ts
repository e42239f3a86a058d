import type { AccountId, Asset } from '@ilp/service-core'

/** What the ledger reads of an account. The limits are those in force at the moment of the operation. */
export interface LedgerAccount {
  readonly id: AccountId
  readonly asset: Asset
  /** The balance that reserves must not go below; undefined for none. */
  readonly minBalance?: bigint | undefined
  /** The balance that reserves must not go above; undefined for none. */
  readonly maxBalance?: bigint | undefined
}

/** The money of one packet. Amounts are 0..2^64-1, each in the unit of its account. */
export interface Transfer {
  readonly from: LedgerAccount
  /** Leaves `from`'s balance. */
  readonly incomingAmount: bigint
  readonly to: LedgerAccount
  /** Enters `to`'s balance. */
  readonly amount: bigint
}

/** One step of a transfer. May have more properties than these: a store sends on what it knows. */
export interface Operation {
  readonly kind: 'reserve' | 'commit' | 'release'
  readonly transfer: Transfer
}

/**
 * What became of an operation:
 *
 * | kind | outcome | meaning |
 * |---|---|---|
 * | reserve | `done` | the amounts are held |
 * | | `below-minimum` | refused: `balance − heldOut − incomingAmount` of `from` is below its minimum |
 * | | `above-maximum` | refused: `balance + heldIn + amount` of `to` is above its maximum, and the minimum is kept |
 * | | `session-ended` | refused: the session has ended, or its lease is over |
 * | commit | `done` | the hold has become postings |
 * | | `late` | posted, across any limit, and no hold is touched: the session has ended, or holds less than this |
 * | release | `done` | the hold is given back |
 * | | `no-hold` | nothing is given back: the session has ended, or holds less than this |
 */
export type Outcome = 'done' | 'below-minimum' | 'above-maximum' | 'session-ended' | 'late' | 'no-hold'

declare const brand: unique symbol

/** A session's fencing token: unguessable, never given twice. */
export type SessionId = string & { readonly [brand]: 'SessionId' }

export interface SessionTerms {
  /** How long the session takes reserves without a sign of life, by the store's clock. A lease that is over stays over. */
  readonly leaseMs: number
  /**
   * The longest that a packet is held. When this time has passed as well since the lease ran out, nothing that the
   * session holds is alive any more, and anybody may end it.
   */
  readonly holdMaxMs: number
}

/** An account's money, in its unit, as the node sees it. */
export interface Balance {
  /** What the node owes the peer; negative when the peer owes the node. */
  readonly balance: bigint
  /** The part that reserves of packets from this account hold, of all live sessions. Never negative. */
  readonly heldOut: bigint
  /** What reserves of packets to this account hold, of all live sessions. Never negative. */
  readonly heldIn: bigint
}

/** The node's own accounts in one asset and scale: every posting to a peer's account has its counterpart in one of them. */
export interface Position {
  readonly asset: Asset
  /** The counterpart of packets, which absorbs spread and rounding. */
  readonly balance: bigint
  /** The counterpart of settlements, both ways. */
  readonly settled: bigint
  /** The counterpart of adjustments. */
  readonly adjusted: bigint
}

/** Ended sessions answer as ended at least this long, so that a journal can be replayed. */
export const ENDED_SESSION_KEPT_MS = 7 * 24 * 3_600_000

/**
 * Balances. Every number is exact at any size. For each asset and scale the balances of all accounts and the
 * three of the position add up to zero at every instant.
 *
 * Every promise settles within a bounded time: with `ERR_STORE_UNAVAILABLE` when the backend doesn't answer.
 */
export interface LedgerStore {
  /** Opens a session: the owner of the holds that are reserved under it. */
  readonly openSession: (terms: SessionTerms) => Promise<SessionId>
  /**
   * Begins the lease anew, unless it is over: then the answer is `ended`. `apply` begins it anew as well.
   * @throws StoreError ERR_SESSION_UNKNOWN, ERR_STORE_UNAVAILABLE, ERR_STORE_CLOSED
   */
  readonly renewSession: (session: SessionId) => Promise<'live' | 'ended'>
  /** Ends a session and gives its holds back, once. No effect on one that has ended or isn't known. */
  readonly endSession: (session: SessionId) => Promise<void>
  /** Ends the sessions whose lease and longest hold are over. Each is returned to one caller only. */
  readonly endExpiredSessions: () => Promise<readonly SessionId[]>
  /**
   * Applies a batch in its order, all of it in one atomic and durable step, and returns an outcome for each operation.
   * A refused operation doesn't keep the others from being applied; an exception means that none was, or that it isn't
   * known (`ERR_STORE_UNAVAILABLE`).
   *
   * The session's batches carry `seq` 1, 2, 3 … without gaps. The last batch sent again is not applied again: its
   * outcomes are returned as they were, which is how unknown outcomes become known.
   *
   * `commit` posts: `from` less `incomingAmount`, `to` plus `amount`, and the positions of both assets the counterparts.
   *
   * @throws StoreError ERR_SESSION_UNKNOWN, ERR_SEQ_PASSED, ERR_SEQ_GAP, ERR_STORE_UNAVAILABLE, ERR_STORE_CLOSED
   */
  readonly apply: (
    session: SessionId,
    seq: number,
    operations: readonly Operation[],
  ) => Promise<readonly Outcome[]>
  /** Zeros for an account that has never been in a transfer. */
  readonly readBalance: (account: AccountId) => Promise<Balance>
  /** All positions that have ever been posted to, ordered by code and scale. */
  readonly readPositions: () => Promise<readonly Position[]>
}
