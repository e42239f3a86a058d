import type { Logger } from '@ilp/service-core'
import { StoreError } from '../error.js'
import { CommitEntry } from './entries.js'
import type { Journal, JournaledBatch } from './journal.js'
import type { LedgerStore, SessionId, Transfer } from './ledger-store.js'
import type { Reports } from './reports.js'
import type { Run } from './run.js'

export interface JournalKeeperDeps {
  readonly store: LedgerStore
  readonly journal: Journal | undefined
  readonly reports: Reports
  readonly logger: Logger
}

/**
 * What a ledger does with its journal: books what the former process left in it, writes the commits that the store
 * can't take in time, and empties it when the store has them. With no journal every one of those is unbooked.
 */
export class JournalKeeper {
  readonly #store: LedgerStore
  readonly #journal: Journal | undefined
  readonly #reports: Reports
  readonly #logger: Logger
  /** Whether something was, or is being, written that waits for the store. */
  #holdsBatches = false
  /** What is on its way to the file for reconciliation, by session. */
  readonly #aside = new Map<SessionId, Transfer[]>()

  constructor({ store, journal, reports, logger }: JournalKeeperDeps) {
    this.#store = store
    this.#journal = journal
    this.#reports = reports
    this.#logger = logger
  }

  /** Ends the sessions of the process that had this journal before, and books what it promised. */
  async start(): Promise<void> {
    await this.#journal?.start()
    const { sessions, batches } = this.#journal?.left() ?? { sessions: [], batches: [] }
    for (const session of sessions) await this.#store.endSession(session)
    for (const batch of batches) await this.#replay(batch)
    if (batches.length > 0) this.#logger.info({ batches: batches.length }, 'the journal was replayed')
  }

  async #replay(batch: JournaledBatch): Promise<void> {
    const operations = batch.commits.map(transfer => ({ kind: 'commit' as const, transfer }))
    try {
      await this.#store.apply(batch.session, batch.seq, operations)
    } catch (error) {
      const code = error instanceof StoreError ? error.code : undefined
      if (code === 'ERR_SEQ_PASSED') return
      if (code !== 'ERR_SESSION_UNKNOWN' && code !== 'ERR_SEQ_GAP') throw error
      await this.#journal?.setAside([batch])
      for (const transfer of batch.commits) this.#reports.unbooked(transfer, error)
    }
  }

  /** @param isFirst nothing is before it: it takes the place of all that the journal holds, which is settled by then */
  async note(session: SessionId, isFirst: boolean): Promise<void> {
    await (isFirst ? this.#journal?.keep([session]) : this.#journal?.note(session))
  }

  /** Writes all that the run has under way, and tells these commits, and earlier ones, what came of it. */
  async write(run: Run, commits: readonly CommitEntry[]): Promise<void> {
    for (const commit of commits) commit.overdue()
    try {
      if (!this.#journal) throw new Error('there is no journal')
      this.#holdsBatches = true
      // What an earlier attempt could not write is written with them.
      for (const entry of await run.journal(this.#journal.append)) {
        if (entry instanceof CommitEntry && entry.isOverdue) entry.journaled()
      }
    } catch (error) {
      for (const commit of commits) commit.unbooked(error)
    }
  }

  /** Empties the journal where the store has answered all that is in it. */
  tidy(runs: Iterable<Run>): void {
    const left = [...runs]
    if (!this.#holdsBatches || left.some(run => run.isJournaled)) return
    this.#holdsBatches = false
    void this.empty(left.map(run => run.session))
  }

  /** Leaves nothing in the journal but these sessions. What stays where that fails does no harm: it was booked. */
  async empty(sessions: readonly SessionId[]): Promise<void> {
    try {
      await this.#journal?.keep(sessions)
    } catch (error) {
      this.#holdsBatches = true
      this.#logger.error({ err: error }, 'the journal could not be emptied')
    }
  }

  /** Puts a transfer that the store will never book into the file for reconciliation. */
  setAside(transfer: Transfer, session: SessionId): void {
    const others = this.#aside.get(session)
    if (others) others.push(transfer)
    else this.#aside.set(session, [transfer])
    // What else this turn of the event loop brings goes into the file with it.
    if (!others) setImmediate(() => void this.#writeAside(session))
  }

  /** Its number is 0: no batch of the session has it. */
  async #writeAside(session: SessionId): Promise<void> {
    const commits = this.#aside.get(session)
    if (!commits) return
    this.#aside.delete(session)
    try {
      await this.#journal?.setAside([{ session, seq: 0, commits }])
    } catch (error) {
      this.#logger.error({ err: error }, 'the file for reconciliation could not be written')
    }
  }

  async stop(): Promise<void> {
    for (const session of this.#aside.keys()) await this.#writeAside(session)
    await this.#journal?.stop()
  }
}
