import type { Logger } from '@ilp/service-core'
import { StoreError } from '../error.js'
import type { JournalKeeper } from './journal-keeper.js'
import type { LedgerStore, SessionTerms } from './ledger-store.js'
import { Run, type RunOptions } from './run.js'
import { Waiters } from './waiters.js'

export interface RunsDeps {
  readonly store: LedgerStore
  readonly keeper: JournalKeeper
  readonly logger: Logger
}

/**
 * The sessions that this process has in the store: the one that takes reserves, renewed in time and followed by another
 * whenever it has ended, and ended ones that still have transfers open. Knows whether the store is in reach.
 */
export class Runs implements Iterable<Run> {
  readonly #store: LedgerStore
  readonly #keeper: JournalKeeper
  readonly #logger: Logger
  readonly #options: SessionTerms & RunOptions
  readonly #all = new Set<Run>()
  /** The run that takes reserves; undefined while a session is being opened. */
  #current: Run | undefined
  #isUp = false
  #isClosing = false
  #opening: Promise<void> | undefined
  readonly #waiters = new Waiters()

  constructor({ store, keeper, logger }: RunsDeps, options: SessionTerms & RunOptions) {
    this.#store = store
    this.#keeper = keeper
    this.#logger = logger
    this.#options = options
  }

  [Symbol.iterator](): Iterator<Run> {
    return this.#all[Symbol.iterator]()
  }

  /** The run that takes reserves. */
  get taking(): Run | undefined {
    return this.#isUp && !this.#isClosing ? this.#current : undefined
  }

  /** Whether the store has answered last. */
  get isUp(): boolean {
    return this.#isUp
  }

  ready(signal?: AbortSignal): Promise<void> {
    if (this.#isUp && this.#current) return Promise.resolve()
    return this.#waiters.wait(signal)
  }

  async open(): Promise<void> {
    const session = await this.#store.openSession(this.#options)
    const run: Run = new Run(
      session,
      this.#store,
      { up: () => this.#up(run), down: this.down, lost: error => this.#lost(run, error) },
      this.#options,
    )
    for (const former of this.#all) if (former.open === 0) this.#all.delete(former)
    const isFirst = this.#all.size === 0
    // From here on it is among those that the journal keeps whenever it is emptied.
    this.#all.add(run)
    await this.#keeper.note(session, isFirst)
    this.#current = run
    this.#up(run)
  }

  /** The store says that the run's session is over. */
  ended(run: Run): void {
    if (run !== this.#current || this.#isClosing) return
    this.#logger.warn({}, 'the session in the store has ended; a new one is opened')
    this.#reopen()
  }

  #reopen(): void {
    this.#current = undefined
    this.#opening ??= (async () => {
      let pauseMs = this.#options.retryMinMs
      while (!this.#current && !this.#isClosing) {
        try {
          await this.open()
        } catch (error) {
          this.down(error)
          await new Promise(resolve => setTimeout(resolve, pauseMs))
          pauseMs = Math.min(pauseMs * 2, this.#options.retryMaxMs)
        }
      }
      this.#opening = undefined
    })()
  }

  #up(run: Run): void {
    if (run !== this.#current && run.open === 0) this.#all.delete(run)
    if (!this.#isClosing) this.#keeper.tidy(this.#all)
    if (!this.#isUp) this.#logger.info({}, 'the store takes operations')
    this.#isUp = true
    if (this.#current) this.#waiters.go()
  }

  readonly down = (error: unknown): void => {
    if (this.#isUp) this.#logger.error({ err: error }, 'the store is out of reach')
    this.#isUp = false
    for (const run of this.#all) run.refuseReserves()
  }

  #lost(run: Run, error: unknown): void {
    this.#logger.error({ err: error }, 'the store has lost the session')
    this.#all.delete(run)
    if (run === this.#current && !this.#isClosing) this.#reopen()
  }

  async renew(): Promise<void> {
    const run = this.#current
    if (!run) return
    try {
      const state = await this.#store.renewSession(run.session)
      if (state === 'ended') this.ended(run)
      else this.#up(run)
    } catch (error) {
      if (error instanceof StoreError && error.code === 'ERR_SESSION_UNKNOWN') this.#lost(run, error)
      else this.down(error)
    }
  }

  /** Ends the sessions of other processes whose lease is over. */
  async endExpired(): Promise<void> {
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

  /** Takes no reserves any more, and opens no session. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#opening
  }
}
