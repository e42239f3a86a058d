/** Why a store could not do what was asked. Stable: programs may compare with these. */
export type StoreErrorCode =
  /** The backend can't be reached, or didn't answer in time. What was asked may have been done all the same. */
  | 'ERR_STORE_UNAVAILABLE'
  /** The store was stopped, or not started. */
  | 'ERR_STORE_CLOSED'
  /** The backend holds data of a newer version of this program. */
  | 'ERR_STORE_TOO_NEW'
  /** The backend is used, or set up, in a way that could lose money without anybody noticing. */
  | 'ERR_STORE_UNSAFE'
  /** No such session: it was never opened here, or ended longer ago than sessions are remembered. */
  | 'ERR_SESSION_UNKNOWN'
  /** The batch lies behind the last one of its session: it was applied, its outcomes are forgotten. */
  | 'ERR_SEQ_PASSED'
  /** Batches before this one have not been applied; nothing was. */
  | 'ERR_SEQ_GAP'
  /** Another process uses this folder. */
  | 'ERR_DIRECTORY_LOCKED'
  /** A file of the journal is damaged. */
  | 'ERR_JOURNAL_DAMAGED'

/** An operational failure of a store. Expected outcomes are never thrown; they are return values. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
