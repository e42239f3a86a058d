/**
 * What services need of a store, as small traits, and what every store would otherwise write again: the ledger that
 * gathers operations into batches and resolves unknown outcomes, its journal, and the keys for secrets at rest.
 *
 * @module
 */
export type { AccountChange, AccountStore, PutAccountOutcome, StoredAccount } from './accounts.js'
export type { AddressStore } from './address.js'
export {
  ADJUSTMENTS_READ_MAX,
  type Adjustment,
  type AdjustmentStore,
  type PostedAdjustment,
} from './adjustments.js'
export { Books, type BooksDeps, moneyTraits } from './books/books.js'
export {
  checkAccount,
  checkAdjustment,
  checkAmount,
  checkOperation,
  checkSettlement,
  checkTerms,
  checkTokens,
} from './books/checks.js'
export type {
  BooksRecord,
  SavedAdjustment,
  SavedBalance,
  SavedHold,
  SavedKey,
  SavedLeftover,
  SavedPosition,
  SavedRecord,
  SavedSession,
  SavedSettlement,
} from './books/records.js'
export { savedRecord } from './books/saved-record.js'
export type { CredentialChange, CredentialStore, Link } from './credentials.js'
export { StoreError, type StoreErrorCode } from './error.js'
export { Feed } from './feed.js'
export { BATCH_OPERATIONS_MAX, BatchTables, decodeOutcomes, kindNumber } from './ledger/encoding.js'
export { type CommitResult, Hold, type Refusal } from './ledger/entries.js'
export { createJournal, type Journal, type JournaledBatch } from './ledger/journal.js'
export {
  createLedger,
  LEDGER_DEFAULTS,
  type Ledger,
  type LedgerDeps,
  type LedgerOptions,
} from './ledger/ledger.js'
export {
  type Balance,
  ENDED_SESSION_KEPT_MS,
  type LedgerAccount,
  type LedgerStore,
  type Operation,
  type Outcome,
  type Position,
  type SessionId,
  type SessionTerms,
  type Transfer,
} from './ledger/ledger-store.js'
export type { Reports } from './ledger/reports.js'
export type { LedgerStats } from './ledger/stats.js'
export { lockDirectory } from './lock.js'
export type {
  AccountRecord,
  MirrorBackend,
  MirrorEvents,
  Snapshot,
  Tables,
  Texts,
} from './mirror/backend.js'
export { createMirror, type Mirror, type MirrorDeps, type MirrorOptions } from './mirror/mirror.js'
export { decodePlainData, encodePlainData } from './mirror/plain-data.js'
export type { RateLimitStore, RateLimitTerms } from './rate-limits.js'
export type { RateStore, StoredRates } from './rates.js'
export type { RouteChange, RouteStore, StaticRoute } from './routes.js'
export { createSecrets, type Secrets } from './secrets.js'
export { type Quantity, quantityIn } from './settlements/quantity.js'
export {
  type IncomingSettlement,
  type OutgoingSettlement,
  SETTLEMENT_KEY_KEPT_MS,
  type SettlementStore,
  type SettlementTerms,
} from './settlements/settlement-store.js'
export type { Store, StoreProperties } from './store.js'
export { Subscriptions, type SubscriptionsDeps } from './subscriptions.js'
export { AccountTable } from './tables/account-table.js'
export { type TokenReader, type Tokens, TokenTable, tokenReader } from './tables/token-table.js'
export { TokenBucket } from './token-buckets/token-bucket.js'
export { rateLimitTrait, TokenBuckets } from './token-buckets/token-buckets.js'
export type { Watch } from './watch.js'
