import type { Logger } from '@ilp/service-core'
import { StoreError } from '../error.js'
import type { MirrorBackend } from './backend.js'
import type { Part } from './part.js'

/** How soon the server has to give a sign of life on the connection that it tells changes on. */
const PULSE_MS = 1_000
const RETRY_MS = 100
/** Changes that are told while everything is being read. More of them, and it is read once more. */
const WAITING_MAX = 100_000

export interface CopyDeps {
  readonly backend: MirrorBackend
  /** What is held in memory, by the name under which its changes are told. */
  readonly parts: Readonly<Record<string, Part>>
  readonly timeoutMs: number
  readonly logger: Logger
}

/** A change on its way to everybody: whose it is, and what it is. */
export type Change = readonly [part: string, ...rest: unknown[]]

interface Waiter {
  readonly revision: number
  readonly settle: (error?: Error) => void
}

interface Told {
  readonly revision: number
  readonly change: string
}

/**
 * Holds in memory what the backend has, and keeps it fresh: changes are numbered and told in order, and when the
 * connection is lost or a number is missing everything is read again.
 */
export class Copy {
  readonly #deps: CopyDeps
  #revision = 0
  #isOpen = false
  #isFresh = false
  #isClosed = false
  /** Counts attempts to read everything, and connections lost: what was read is taken in if it is the last of them. */
  #attempt = 0
  /** Why everything can't be read, as it was told to the operator. */
  #trouble: string | undefined
  #waiting: Told[] = []
  readonly #waiters = new Set<Waiter>()
  #pulse: NodeJS.Timeout | undefined
  #retry: NodeJS.Timeout | undefined

  constructor(deps: CopyDeps) {
    this.#deps = deps
  }

  async start(): Promise<void> {
    const { backend } = this.#deps
    await backend.connect({ told: this.#heard, up: this.#again, down: this.#lost })
    await this.#read()
    if (!this.#isFresh) throw new StoreError('ERR_STORE_UNAVAILABLE', 'the connection was lost at once')
    this.#pulse = setInterval(() => void backend.ping().catch(() => {}), PULSE_MS)
    this.#isOpen = true
  }

  stop(): void {
    this.#isClosed = true
    this.#isOpen = false
    this.#isFresh = false
    clearInterval(this.#pulse)
    clearTimeout(this.#retry)
    for (const { settle } of [...this.#waiters]) {
      settle(new StoreError('ERR_STORE_CLOSED', 'the store was stopped meanwhile'))
    }
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  readonly check = (): void => {
    if (!this.#isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
  }

  /** @throws StoreError ERR_STORE_CLOSED; ERR_STORE_UNAVAILABLE when what is held may not be what the backend has */
  readonly checkFresh = (): void => {
    this.check()
    if (this.#isFresh) return
    throw new StoreError('ERR_STORE_UNAVAILABLE', 'the connection is lost, or everything is being read again')
  }

  /**
   * Asks the backend for a change, and waits until it is held here as well.
   * @returns what the backend answered instead of a revision
   */
  async change<Refusal extends string>(
    of: Change,
    ask: (change: string) => Promise<number | Refusal>,
  ): Promise<Refusal | undefined> {
    this.checkFresh()
    const answer = await ask(JSON.stringify(of))
    if (typeof answer !== 'number') return answer
    await this.#reached(answer)
    return undefined
  }

  #reached(revision: number): Promise<void> {
    if (this.#revision >= revision && this.#isFresh) return Promise.resolve()
    if (this.#isClosed)
      return Promise.reject(new StoreError('ERR_STORE_CLOSED', 'the store was stopped meanwhile'))
    return new Promise((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        if (error) reject(error)
        else resolve()
      }
      const late = () =>
        settle(new StoreError('ERR_STORE_UNAVAILABLE', 'the change was made, and is not in force here yet'))
      const timer = setTimeout(late, this.#deps.timeoutMs)
      const waiter = { revision, settle }
      this.#waiters.add(waiter)
    })
  }

  readonly #heard = (revision: number, change: string): void => {
    const told: Told = { revision, change }
    if (this.#isFresh) this.#take(told)
    else if (this.#waiting.push(told) > WAITING_MAX) this.#waiting.shift()
  }

  #take({ revision, change }: Told): void {
    // Something was missed, or what is there was replaced.
    if (revision !== this.#revision + 1) return this.#again()
    try {
      const [part, ...rest] = JSON.parse(change) as Change
      this.#deps.parts[part]?.apply(rest)
    } catch {
      // Not what this program tells.
      return this.#again()
    }
    this.#revision = revision
    this.#tellWaiters()
  }

  readonly #lost = (): void => {
    this.#attempt += 1
    clearTimeout(this.#retry)
    if (this.#isFresh)
      this.#deps.logger.warn({}, 'the connection is lost on which the store is told of changes')
    this.#isFresh = false
  }

  readonly #again = (): void => {
    clearTimeout(this.#retry)
    if (this.#isClosed) return
    this.#read().catch((error: unknown) => {
      if (this.#isClosed || !this.#deps.backend.isConnected()) return
      this.#tellTrouble(error)
      this.#retry = setTimeout(this.#again, RETRY_MS)
    })
  }

  #tellTrouble(error: unknown): void {
    const { message } = error as Error
    if (message !== this.#trouble)
      this.#deps.logger.error({ err: error }, 'what the store holds can not be read')
    this.#trouble = message
  }

  async #read(): Promise<void> {
    const { backend, parts } = this.#deps
    this.#attempt += 1
    const attempt = this.#attempt
    this.#isFresh = false
    this.#waiting = []
    // Heard first and read then: no change falls in between.
    await backend.subscribe()
    const { revision, tables } = await backend.readAll()
    // What was told before it was read has arrived when this is answered.
    await backend.ping()
    if (attempt !== this.#attempt || this.#isClosed) return
    const announcements = Object.values(parts).map(part => part.load(tables))
    this.#revision = revision
    this.#isFresh = true
    this.#trouble = undefined
    for (const announce of announcements) announce()
    for (const told of this.#waiting.splice(0)) {
      if (told.revision > revision && this.#isFresh) this.#take(told)
    }
    this.#tellWaiters()
  }

  #tellWaiters(): void {
    if (!this.#isFresh) return
    for (const { revision, settle } of [...this.#waiters]) if (revision <= this.#revision) settle()
  }
}
