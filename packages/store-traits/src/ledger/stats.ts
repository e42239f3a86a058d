import type { Reports } from './reports.js'

/** The ledger of this process. The last four count from its start. */
export interface LedgerStats {
  /** Whether the store has answered last. */
  readonly isUp: boolean
  /** Sessions that it has in the store: one, and ended ones that still have transfers open. */
  readonly sessions: number
  /** Transfers that are reserved, or being reserved. */
  readonly open: number
  /** Reserves, commits and releases that the store has not answered. */
  readonly waiting: number
  /** Commits that were written to the journal, since the store did not take them in time. */
  readonly journaled: number
  /** Commits that are in neither: their Fulfills were relayed, and they were logged for reconciliation. */
  readonly unbooked: number
  /** Those of them that got into the store or the journal after all. */
  readonly recovered: number
  /** Commits that were posted though their hold was gone, perhaps across a limit. */
  readonly postedLate: number
}

/** Counts what is reported, and passes it on: to the log, and to whoever else is to hear of it. */
export class CountedReports implements Reports {
  readonly counts = { unbooked: 0, recovered: 0, postedLate: 0 }
  readonly #listeners: readonly Reports[]

  constructor(...listeners: readonly (Reports | undefined)[]) {
    this.#listeners = listeners.filter(listener => listener !== undefined)
  }

  readonly postedLate: Reports['postedLate'] = transfer => {
    this.counts.postedLate += 1
    for (const listener of this.#listeners) listener.postedLate(transfer)
  }

  readonly unbooked: Reports['unbooked'] = (transfer, error) => {
    this.counts.unbooked += 1
    for (const listener of this.#listeners) listener.unbooked(transfer, error)
  }

  readonly recovered: Reports['recovered'] = transfer => {
    this.counts.recovered += 1
    for (const listener of this.#listeners) listener.recovered(transfer)
  }
}
