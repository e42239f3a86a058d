import type { Transfer } from './ledger-store.js'
import type { Reports } from './reports.js'
import type { Entry, Result, Run } from './run.js'

/** Why a reserve was refused. Nothing is held, or won't be as soon as the store is back. */
export type Refusal =
  | 'below-minimum'
  | 'above-maximum'
  /** The store can't be reached, or didn't answer in time. */
  | 'unavailable'
  /** As many transfers as this node takes are open. */
  | 'overloaded'

/** What became of a commit. In every case the Fulfill is to be relayed. */
export type CommitResult =
  /** It is in the store. */
  | 'booked'
  /** It is in the journal, and will be in the store. */
  | 'journaled'
  /** It is in neither; it was logged whole, for reconciliation. */
  | 'unbooked'

/** What entries tell the ledger that they belong to. */
export interface Owner {
  readonly sessionEnded: (run: Run) => void
  /** The store will never book it. */
  readonly setAside: (transfer: Transfer, run: Run) => void
  readonly reports: Reports
}

/** The amounts of one transfer, held in the store until they are committed or released. */
export class Hold {
  readonly transfer: Transfer
  readonly #run: Run
  #isOpen = true

  constructor(transfer: Transfer, run: Run) {
    this.transfer = transfer
    this.#run = run
  }

  /** Ends the hold: the run under which to do so. @throws Error the second time, which is a bug */
  end(): Run {
    if (!this.#isOpen) throw new Error('a hold was ended twice')
    this.#isOpen = false
    return this.#run
  }
}

export class ReserveEntry implements Entry {
  readonly kind = 'reserve'
  isOverdue = false

  constructor(
    readonly transfer: Transfer,
    readonly byMs: number,
    private readonly run: Run,
    private readonly owner: Owner,
    private readonly resolve: (result: Hold | Refusal) => void,
  ) {}

  answered(result: Result): void {
    if (result === 'done' && !this.isOverdue) return this.resolve(new Hold(this.transfer, this.run))
    if (result === 'done') return this.run.push(new ReleaseEntry(this.transfer, this.run))
    this.run.open -= 1
    if (result === 'session-ended') this.owner.sessionEnded(this.run)
    this.resolve(result === 'below-minimum' || result === 'above-maximum' ? result : 'unavailable')
  }

  overdue(): void {
    this.isOverdue = true
    this.resolve('unavailable')
  }
}

export class CommitEntry implements Entry {
  readonly kind = 'commit'
  isOverdue = false
  #isUnbooked = false

  constructor(
    readonly transfer: Transfer,
    readonly byMs: number,
    private readonly run: Run,
    private readonly owner: Owner,
    private readonly resolve: (result: CommitResult) => void,
  ) {}

  answered(result: Result): void {
    this.run.open -= 1
    if (result === 'unknown') {
      this.owner.setAside(this.transfer, this.run)
      return this.unbooked()
    }
    if (result === 'late') this.owner.reports.postedLate(this.transfer)
    this.#recovered()
    this.resolve('booked')
  }

  /** The ledger writes it to the journal, and says what came of it. */
  overdue(): void {
    this.isOverdue = true
  }

  journaled(): void {
    this.#recovered()
    this.resolve('journaled')
  }

  unbooked(error?: unknown): void {
    if (!this.#isUnbooked) this.owner.reports.unbooked(this.transfer, error)
    this.#isUnbooked = true
    this.resolve('unbooked')
  }

  #recovered(): void {
    if (this.#isUnbooked) this.owner.reports.recovered(this.transfer)
    this.#isUnbooked = false
  }
}

export class ReleaseEntry implements Entry {
  readonly kind = 'release'
  readonly byMs = Number.POSITIVE_INFINITY
  readonly isOverdue = false

  constructor(
    readonly transfer: Transfer,
    private readonly run: Run,
  ) {}

  answered(): void {
    this.run.open -= 1
  }

  overdue(): void {}
}
