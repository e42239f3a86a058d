import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import { StoreError } from '../error.js'
import {
  CommitEntry,
  type CommitResult,
  type Hold,
  type Owner,
  type Refusal,
  ReleaseEntry,
  ReserveEntry,
} from './entries.js'
import type { Journal, JournaledBatch } from './journal.js'
import type { LedgerStore, SessionId, SessionTerms, Transfer } from './ledger-store.js'
import { type Reports, reportsTo } from './reports.js'
import { Run, type RunOptions } from './run.js'
import { Waiters } from './waiters.js'

export interface LedgerDeps {
  readonly store: LedgerStore
  /** Where commits go that the store can't take in time. Without one they are logged, for reconciliation by hand. */
  readonly journal?: Journal | undefined
  readonly logger: Logger
}

export interface LedgerOptions extends SessionTerms, RunOptions {
  /** Transfers that are reserved, or being reserved, at a time. */
  readonly openMax: number
  /** How long `stop` waits for the store to take what is left. */
  readonly stopTimeoutMs: number
}

export const LEDGER_DEFAULTS: LedgerOptions = {
  leaseMs: 5_000,
  holdMaxMs: 35_000,
  openMax: 200_000,
  batchMax: 1_000,
  retryMinMs: 10,
  retryMaxMs: 1_000,
  stopTimeoutMs: 5_000,
}

/**
 * The node's side of the ledger: reserves, commits and releases transfers, each in the batch of its turn of the event
 * loop, whatever becomes of the connection to the store, of its session, or of this process.
 */
export interface Ledger extends Disposable {
  /** Resolves when the store takes operations; rejects with the signal's reason. */
  readonly ready: (signal?: AbortSignal) => Promise<void>
  /**
   * Holds the transfer's amounts, or says why not. Answers `unavailable` at `byMs` (milliseconds since 1970), up to
   * 20 ms behind it, and at once while the store is out of reach; a hold that comes about after that is released.
   */
  readonly reserve: (transfer: Transfer, byMs: number) => Promise<Hold | Refusal>
  /**
   * Turns the hold into postings. Answers when they are in the store or, from `byMs` on, in the journal.
   * @throws Error when the hold was ended before, which is a bug; so does `release`
   */
  readonly commit: (hold: Hold, byMs: number) => Promise<CommitResult>
  /** Gives the hold back; sees to it until the store has done so. */
  readonly release: (hold: Hold) => void
  /** The transfers that are reserved, or being reserved. */
  readonly open: () => number
}

/** How often overdue operations are looked for. */
const TICK_MS = 20

export function createLedger(deps: LedgerDeps, options: Partial<LedgerOptions> = {}): Ledger {
  const ledger = new SessionLedger(deps, { ...LEDGER_DEFAULTS, ...options })
  return {
    ...lifecycle(ledger),
    ready: ledger.ready,
    reserve: ledger.reserve,
    commit: ledger.commit,
    release: ledger.release,
    open: ledger.open,
  }
}

class SessionLedger implements Owner {
  readonly reports: Reports
  readonly #store: LedgerStore
  readonly #journal: Journal | undefined
  readonly #logger: Logger
  readonly #options: LedgerOptions
  /** The run that takes reserves; undefined while a session is being opened. */
  #current: Run | undefined
  /** The current run, and those of ended sessions that have transfers open. */
  readonly #runs = new Set<Run>()
  #isUp = false
  #isStopping = false
  #opening: Promise<void> | undefined
  #journalHolds = 0
  /** What is on its way to the file for reconciliation, by session. */
  readonly #aside = new Map<SessionId, Transfer[]>()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #waiters = new Waiters()

  constructor({ store, journal, logger }: LedgerDeps, options: LedgerOptions) {
    this.#store = store
    this.#journal = journal
    this.#logger = logger
    this.reports = reportsTo(logger)
    this.#options = options
  }

  readonly ready = (signal?: AbortSignal): Promise<void> => {
    if (this.#isUp && this.#current) return Promise.resolve()
    return this.#waiters.wait(signal)
  }

  readonly reserve = (transfer: Transfer, byMs: number): Promise<Hold | Refusal> => {
    const run = this.#current
    if (!run || !this.#isUp || this.#isStopping) return Promise.resolve('unavailable')
    if (this.open() >= this.#options.openMax) return Promise.resolve('overloaded')
    run.open += 1
    return new Promise(resolve => run.push(new ReserveEntry(transfer, byMs, run, this, resolve)))
  }

  readonly commit = (hold: Hold, byMs: number): Promise<CommitResult> => {
    const run = hold.end()
    return new Promise(resolve => run.push(new CommitEntry(hold.transfer, byMs, run, this, resolve)))
  }

  readonly release = (hold: Hold): void => {
    const run = hold.end()
    run.push(new ReleaseEntry(hold.transfer, run))
  }

  readonly open = (): number => {
    let open = 0
    for (const run of this.#runs) open += run.open
    return open
  }

  readonly sessionEnded = (run: Run): void => {
    if (run !== this.#current || this.#isStopping) return
    this.#logger.warn({}, 'the session in the store has ended; a new one is opened')
    this.#reopen()
  }

  readonly setAside = (transfer: Transfer, { session }: Run): void => {
    const others = this.#aside.get(session)
    if (others) others.push(transfer)
    else this.#aside.set(session, [transfer])
    // What else this turn of the event loop brings goes into the file with it.
    if (!others) setImmediate(() => void this.#writeAside(session))
  }

  readonly start = async (): Promise<void> => {
    await this.#journal?.start()
    await this.#settleFormerRun()
    await this.#openRun()
    const { leaseMs } = this.#options
    this.#timers.push(
      setInterval(this.#lookForOverdue, TICK_MS),
      setInterval(() => void this.#renew(), leaseMs / 3),
      setInterval(() => void this.#endExpired(), leaseMs),
    )
  }

  readonly stop = async (): Promise<void> => {
    this.#isStopping = true
    await this.#opening
    const left = [...this.#runs]
    const isDrained = await within(Promise.all(left.map(run => run.drained())), this.#options.stopTimeoutMs)
    for (const timer of this.#timers) clearInterval(timer)
    if (isDrained) {
      for (const run of left) await this.#store.endSession(run.session).catch(this.#down)
      if (this.#isUp) await this.#emptyJournal([])
    } else {
      for (const run of left) await this.#writeToJournal(run, commitsOf(run))
    }
    for (const run of left) run.stop()
    for (const session of this.#aside.keys()) await this.#writeAside(session)
    await this.#journal?.stop()
  }

  /** Ends the sessions of the process that had this journal before, and books what it promised. */
  async #settleFormerRun(): Promise<void> {
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
      for (const transfer of batch.commits) this.reports.unbooked(transfer, error)
    }
  }

  async #openRun(): Promise<void> {
    const session = await this.#store.openSession(this.#options)
    const run: Run = new Run(
      session,
      this.#store,
      { up: () => this.#up(run), down: this.#down, lost: error => this.#lost(run, error) },
      this.#options,
    )
    for (const former of this.#runs) if (former.open === 0) this.#runs.delete(former)
    // A session with nothing before it takes the place of all that the journal holds, which is settled by now.
    const isFirst = this.#runs.size === 0
    // From here on it is among those that the journal keeps whenever it is emptied.
    this.#runs.add(run)
    await (isFirst ? this.#journal?.keep([session]) : this.#journal?.note(session))
    this.#current = run
    this.#up(run)
  }

  #reopen(): void {
    this.#current = undefined
    this.#opening ??= (async () => {
      let pauseMs = this.#options.retryMinMs
      while (!this.#current && !this.#isStopping) {
        try {
          await this.#openRun()
        } catch (error) {
          this.#down(error)
          await new Promise(resolve => setTimeout(resolve, pauseMs))
          pauseMs = Math.min(pauseMs * 2, this.#options.retryMaxMs)
        }
      }
      this.#opening = undefined
    })()
  }

  #up(run: Run): void {
    if (run !== this.#current && run.open === 0) this.#runs.delete(run)
    if (this.#journalHolds > 0 && !this.#isStopping) this.#tidyJournal()
    if (!this.#isUp) this.#logger.info({}, 'the store takes operations')
    this.#isUp = true
    if (this.#current) this.#waiters.go()
  }

  readonly #down = (error: unknown): void => {
    if (this.#isUp) this.#logger.error({ err: error }, 'the store is out of reach')
    this.#isUp = false
    for (const run of this.#runs) run.refuseReserves()
  }

  #lost(run: Run, error: unknown): void {
    this.#logger.error({ err: error }, 'the store has lost the session')
    this.#runs.delete(run)
    if (run === this.#current && !this.#isStopping) this.#reopen()
  }

  readonly #lookForOverdue = (): void => {
    const now = Date.now()
    for (const run of this.#runs) {
      const commits: CommitEntry[] = []
      run.forEach(entry => {
        if (entry.byMs > now || entry.isOverdue) return
        entry.overdue()
        if (entry instanceof CommitEntry) commits.push(entry)
      })
      if (commits.length > 0) void this.#writeToJournal(run, commits)
    }
  }

  async #writeToJournal(run: Run, commits: readonly CommitEntry[]): Promise<void> {
    for (const commit of commits) commit.overdue()
    try {
      if (!this.#journal) throw new Error('there is no journal')
      this.#journalHolds += 1
      // What an earlier attempt could not write is written with them.
      for (const entry of await run.journal(this.#journal.append)) {
        if (entry instanceof CommitEntry && entry.isOverdue) entry.journaled()
      }
    } catch (error) {
      for (const commit of commits) commit.unbooked(error)
    }
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

  #tidyJournal(): void {
    const runs = [...this.#runs]
    if (runs.some(run => run.isJournaled)) return
    this.#journalHolds = 0
    void this.#emptyJournal(runs.map(run => run.session))
  }

  /** Leaves nothing in the journal but these sessions. What stays where that fails does no harm: it was booked. */
  async #emptyJournal(sessions: readonly SessionId[]): Promise<void> {
    try {
      await this.#journal?.keep(sessions)
    } catch (error) {
      this.#journalHolds += 1
      this.#logger.error({ err: error }, 'the journal could not be emptied')
    }
  }

  async #renew(): Promise<void> {
    const run = this.#current
    if (!run) return
    try {
      const state = await this.#store.renewSession(run.session)
      if (state === 'ended') this.sessionEnded(run)
      else this.#up(run)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'ERR_SESSION_UNKNOWN') this.#lost(run, error)
      else this.#down(error)
    }
  }

  async #endExpired(): Promise<void> {
    try {
      for (const session of await this.#store.endExpiredSessions()) {
        this.#logger.warn(
          { session: session.slice(0, 8) },
          'ended the session of a process that gave no sign of life',
        )
      }
    } catch (error) {
      this.#logger.debug({ err: error }, 'expired sessions could not be looked for')
    }
  }
}

function commitsOf(run: Run): CommitEntry[] {
  const commits: CommitEntry[] = []
  run.forEach(entry => {
    if (entry instanceof CommitEntry) commits.push(entry)
  })
  return commits
}

/** Whether the promise resolved within the time. */
async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}
