import { type Disposable, type Logger, lifecycle } from '@ilp/service-core'
import {
  CommitEntry,
  type CommitResult,
  type Hold,
  type Owner,
  type Refusal,
  ReleaseEntry,
  ReserveEntry,
} from './entries.js'
import type { Journal } from './journal.js'
import { JournalKeeper } from './journal-keeper.js'
import type { LedgerStore, SessionTerms, Transfer } from './ledger-store.js'
import { type Reports, reportsTo } from './reports.js'
import type { Run, RunOptions } from './run.js'
import { Runs } from './runs.js'
import { CountedReports, type LedgerStats } from './stats.js'

export interface LedgerDeps {
  readonly store: LedgerStore
  /** Where commits go that the store can't take in time. Without one they are logged, for reconciliation by hand. */
  readonly journal?: Journal | undefined
  /** Told of single transfers that an operator has to hear of, besides the log. None of it may throw. */
  readonly reports?: Reports | undefined
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
  readonly stats: () => LedgerStats
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
    stats: ledger.stats,
  }
}

class SessionLedger implements Owner {
  readonly reports: CountedReports
  readonly #store: LedgerStore
  readonly #options: LedgerOptions
  readonly #keeper: JournalKeeper
  readonly #runs: Runs
  readonly #timers: NodeJS.Timeout[] = []

  #journaled = 0

  constructor({ store, journal, reports, logger }: LedgerDeps, options: LedgerOptions) {
    this.reports = new CountedReports(reportsTo(logger), reports)
    this.#store = store
    this.#options = options
    this.#keeper = new JournalKeeper({ store, journal, reports: this.reports, logger })
    this.#runs = new Runs({ store, keeper: this.#keeper, logger }, options)
  }

  readonly ready = (signal?: AbortSignal): Promise<void> => this.#runs.ready(signal)

  readonly reserve = (transfer: Transfer, byMs: number): Promise<Hold | Refusal> => {
    const run = this.#runs.taking
    if (!run) return Promise.resolve('unavailable')
    if (this.open() >= this.#options.openMax) return Promise.resolve('overloaded')
    run.open += 1
    return new Promise(resolve => run.push(new ReserveEntry(transfer, byMs, run, this, resolve)))
  }

  readonly commit = (hold: Hold, byMs: number): Promise<CommitResult> => {
    const run = hold.end()
    return new Promise(resolve => {
      let isAnswered = false
      const answer = (result: CommitResult) => {
        // The store's answer may follow.
        if (result === 'journaled' && !isAnswered) this.#journaled += 1
        isAnswered = true
        resolve(result)
      }
      run.push(new CommitEntry(hold.transfer, byMs, run, this, answer))
    })
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

  readonly stats = (): LedgerStats => {
    const runs = [...this.#runs]
    let waiting = 0
    for (const run of runs) {
      run.forEach(() => {
        waiting += 1
      })
    }
    const { isUp } = this.#runs
    const { counts } = this.reports
    return { isUp, sessions: runs.length, open: this.open(), waiting, journaled: this.#journaled, ...counts }
  }

  readonly sessionEnded = (run: Run): void => this.#runs.ended(run)

  readonly setAside = (transfer: Transfer, { session }: Run): void => this.#keeper.setAside(transfer, session)

  readonly start = async (): Promise<void> => {
    await this.#keeper.start()
    await this.#runs.open()
    const { leaseMs } = this.#options
    this.#timers.push(
      setInterval(this.#lookForOverdue, TICK_MS),
      setInterval(() => void this.#runs.renew(), leaseMs / 3),
      setInterval(() => void this.#runs.endExpired(), leaseMs),
    )
  }

  readonly stop = async (): Promise<void> => {
    await this.#runs.close()
    const left = [...this.#runs]
    const isDrained = await within(Promise.all(left.map(run => run.drained())), this.#options.stopTimeoutMs)
    for (const timer of this.#timers) clearInterval(timer)
    if (isDrained) {
      for (const run of left) await this.#store.endSession(run.session).catch(this.#runs.down)
      if (this.#runs.isUp) await this.#keeper.empty([])
    } else {
      for (const run of left) await this.#keeper.write(run, commitsOf(run))
    }
    for (const run of left) run.stop()
    await this.#keeper.stop()
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
      if (commits.length > 0) void this.#keeper.write(run, commits)
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
