import { StoreError } from '../error.js'
import type { JournaledBatch } from './journal.js'
import type { LedgerStore, Operation, Outcome, SessionId, Transfer } from './ledger-store.js'

/** What an operation came to: an outcome of the store, or that the store will never answer. */
export type Result = Outcome | 'unknown'

/** An operation on its way to the store. */
export interface Entry extends Operation {
  /** When nobody waits any longer, in milliseconds since 1970. */
  readonly byMs: number
  /** Whether that time has come, or the store is out of reach. */
  readonly isOverdue: boolean
  /** The answer won't come in time; it may still come. */
  readonly overdue: () => void
  /** The store has answered, or never will. Called once. */
  readonly answered: (result: Result) => void
}

export interface RunEvents {
  /** The store has answered. */
  readonly up: () => void
  /** The store can't be reached; the batch will be sent again. */
  readonly down: (error: unknown) => void
  /** The store doesn't know the session, or not as this run left it. */
  readonly lost: (error: unknown) => void
}

export interface RunOptions {
  /** Operations in one batch. */
  readonly batchMax: number
  /** The first and the longest pause before a batch is sent again. */
  readonly retryMinMs: number
  readonly retryMaxMs: number
}

interface Batch {
  readonly seq: number
  readonly entries: readonly Entry[]
  /** Settles when the batch is, or could not be written, in the journal. */
  journaled?: Promise<void>
}

/**
 * One session's operations on their way to the store. They leave in batches, one at a time, each made of all that is
 * there when the one before it has been answered; a batch whose outcome is unknown is sent again as it was.
 */
export class Run {
  readonly session: SessionId
  /** The transfers that are reserved under this session, or being reserved. Kept by the entries. */
  open = 0
  readonly #store: LedgerStore
  readonly #events: RunEvents
  readonly #options: RunOptions
  #seq = 0
  #queue: Entry[] = []
  /** Batches that are made up for good, the first of them under way. */
  readonly #batches: Batch[] = []
  #working = false
  #stopped = false
  #isLost = false
  #wake: (() => void) | undefined
  readonly #idle: (() => void)[] = []

  constructor(session: SessionId, store: LedgerStore, events: RunEvents, options: RunOptions) {
    this.session = session
    this.#store = store
    this.#events = events
    this.#options = options
  }

  push(entry: Entry): void {
    if (this.#isLost) return entry.answered('unknown')
    this.#queue.push(entry)
    if (this.#working) return
    this.#working = true
    // What else this turn of the event loop brings goes into the same batch.
    setImmediate(this.#begin)
  }

  /** Visits every operation that the store has not answered. */
  forEach(visit: (entry: Entry) => void): void {
    for (const batch of this.#batches) for (const entry of batch.entries) visit(entry)
    for (const entry of this.#queue) visit(entry)
  }

  /** Takes back the reserves that have not been sent, and tells those that have been that nobody knows. */
  refuseReserves(): void {
    const refused = this.#queue.filter(entry => entry.kind === 'reserve')
    this.#queue = this.#queue.filter(entry => entry.kind !== 'reserve')
    for (const entry of refused) entry.answered('unknown')
    for (const { entries } of this.#batches) {
      for (const entry of entries) if (entry.kind === 'reserve') entry.overdue()
    }
  }

  /** Whether a batch that the store has not answered is, or is being written, in the journal. */
  get isJournaled(): boolean {
    return this.#batches.some(batch => batch.journaled !== undefined)
  }

  /**
   * Makes up batches of all that waits and writes those to the journal that it doesn't have yet. Their numbers are
   * fixed from here on: they will be sent under these, by this process or by the next one.
   * @returns the operations that are in the journal now
   */
  async journal(write: (batches: readonly JournaledBatch[]) => Promise<void>): Promise<readonly Entry[]> {
    while (this.#queue.length > 0) this.#batches.push(this.#nextBatch())
    const batches = [...this.#batches]
    const fresh = batches.filter(batch => !batch.journaled)
    if (fresh.length > 0) {
      const written = write(
        fresh.map(batch => ({ session: this.session, seq: batch.seq, commits: commitsOf(batch) })),
      )
      for (const batch of fresh) {
        batch.journaled = written
        written.catch(() => delete batch.journaled)
      }
    }
    await Promise.all(batches.map(batch => batch.journaled))
    return batches.flatMap(({ entries }) => entries)
  }

  /** Resolves when the store has answered everything, or nothing is sent any more. */
  drained(): Promise<void> {
    return this.#working ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve()
  }

  /** Sends nothing any more. */
  stop(): void {
    this.#stopped = true
    this.#wake?.()
  }

  readonly #begin = (): void => void this.#work()

  async #work(): Promise<void> {
    let pauseMs = this.#options.retryMinMs
    while (!this.#stopped) {
      if (this.#batches.length === 0 && this.#queue.length > 0) this.#batches.push(this.#nextBatch())
      const batch = this.#batches[0]
      if (!batch) break
      try {
        this.#answered(batch, await this.#store.apply(this.session, batch.seq, batch.entries))
        pauseMs = this.#options.retryMinMs
      } catch (error) {
        if (isFinal(error)) {
          this.#lose(error)
          break
        }
        this.#events.down(error)
        await this.#pause(pauseMs * (0.5 + Math.random()))
        pauseMs = Math.min(pauseMs * 2, this.#options.retryMaxMs)
      }
    }
    this.#working = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #nextBatch(): Batch {
    const { batchMax } = this.#options
    const entries = this.#queue
    this.#queue = entries.length > batchMax ? entries.splice(batchMax) : []
    this.#seq += 1
    return { seq: this.#seq, entries }
  }

  #answered(batch: Batch, outcomes: readonly Outcome[]): void {
    this.#batches.shift()
    for (let i = 0; i < batch.entries.length; i++) {
      const entry = batch.entries[i] as Entry
      entry.answered(outcomes[i] as Outcome)
    }
    this.#events.up()
  }

  #lose(error: unknown): void {
    this.#isLost = true
    const entries: Entry[] = []
    this.forEach(entry => void entries.push(entry))
    this.#batches.length = 0
    this.#queue = []
    for (const entry of entries) entry.answered('unknown')
    this.#events.lost(error)
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, ms)
      this.#wake = wake
    })
  }
}

const commitsOf = (batch: Batch): readonly Transfer[] =>
  batch.entries.filter(entry => entry.kind === 'commit').map(entry => entry.transfer)

/** Whether the same batch can never succeed. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    ['ERR_SESSION_UNKNOWN', 'ERR_SEQ_PASSED', 'ERR_SEQ_GAP'].includes(error.code)
  )
}
