import type { LedgerAccount } from '../ledger/ledger-store.js'
import type { Quantity } from './quantity.js'

/** When an account is settled, and how far. In the account's unit. */
export interface SettlementTerms {
  /** Settled once the balance is at or above this. */
  readonly threshold: bigint
  /** What the balance is settled to, less what packets hold of it. */
  readonly settleTo: bigint
}

/** Money that the node has debited and that the account's settlement engine is to send. */
export interface OutgoingSettlement {
  /** Under which the engine gets it, as often as it takes (RFC 38, 'Idempotency'). Unguessable, never given twice. */
  readonly key: string
  readonly account: Pick<LedgerAccount, 'id' | 'asset'>
  /** In the account's unit, above 0. May be of any size. */
  readonly amount: bigint
  /** By the store's clock, in milliseconds since 1970. */
  readonly createdAtMs: number
}

/** Money that the account's settlement engine has received. */
export interface IncomingSettlement {
  /** By which the engine says the same again. 1 to 255 characters; one engine's keys are another's as well. */
  readonly key: string
  readonly account: LedgerAccount
  /** As the engine counts it, at most 100 digits. */
  readonly quantity: Quantity
}

/** An incoming settlement's key is known at least this long after it was last used (RFC 38). */
export const SETTLEMENT_KEY_KEPT_MS = 24 * 3_600_000

/**
 * Settlements as RFC 38 has them, part of the ledger: the same backend, the same exactness, and for each step one atomic
 * and durable transaction. Postings have their counterpart in `settled` of the account's position.
 *
 * Every promise settles within a bounded time: with `ERR_STORE_UNAVAILABLE` when the backend doesn't answer. Each call
 * may then be made again.
 */
export interface SettlementStore {
  /**
   * Where the balance has reached the threshold: takes `balance − heldOut − settleTo` out of it, if that is above 0, and
   * puts it into the outbox. No effect while the outbox has something of this account already, so that it has at most one
   * for each. Returns what it has of this account then.
   */
  readonly settle: (account: LedgerAccount, terms: SettlementTerms) => Promise<OutgoingSettlement | undefined>
  /** What engines have not acknowledged yet, the oldest first. */
  readonly readOutbox: () => Promise<readonly OutgoingSettlement[]>
  /** Takes it out of the outbox: the engine has it. No effect when it isn't there. */
  readonly acknowledge: (key: string) => Promise<void>
  /**
   * Credits what has been received, with what earlier settlements of the account left over: whole units of the account,
   * the rest is kept exactly. Returns the units credited. Asked for again with the same key it has no effect, and the
   * answer is the same; with the same key and another account, amount or scale it is refused.
   */
  readonly credit: (settlement: IncomingSettlement) => Promise<bigint | 'key-reused'>
}
