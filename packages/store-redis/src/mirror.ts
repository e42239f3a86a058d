import type { Logger } from '@ilp/service-core'
import { StoreError } from '@ilp/store-traits'
import type { Argument, Client } from './client.js'
import type { Keys } from './keys.js'
import { READ_ALL } from './lua/directory.js'
import type { Fields, Part } from './part.js'
import type { Script } from './script.js'

/** How soon the server has to give a sign of life on the connection that it tells changes on. */
const PULSE_MS = 1_000
const RETRY_MS = 100
/** Changes that are told while everything is being read. More of them, and it is read once more. */
const WAITING_MAX = 100_000

export interface MirrorDeps {
  readonly client: Client
  /** A connection of its own: one that hears of changes can't be used for anything else. */
  readonly subscriber: Client
  readonly keys: Keys
  readonly parts: Readonly<Record<string, Part>>
  /** Checks, each time before everything is read, that this program may use what is there. */
  readonly check: () => Promise<void>
  readonly timeoutMs: number
  readonly logger: Logger
}

interface Waiter {
  readonly revision: number
  readonly settle: (error?: Error) => void
}

interface Told {
  readonly revision: number
  readonly change: readonly [part: string, ...rest: unknown[]]
}

/**
 * Holds in memory what the server has, and keeps it fresh: changes are numbered and told in order, and when the
 * connection is lost or a number is missing everything is read again.
 */
export class Mirror {
  readonly #deps: MirrorDeps
  #revision = 0
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

  constructor(deps: MirrorDeps) {
    this.#deps = deps
  }

  /** Whether what is held is what the server has. */
  get isFresh(): boolean {
    return this.#isFresh
  }

  async start(): Promise<void> {
    const { subscriber } = this.#deps
    await subscriber.connect()
    subscriber.onMessage(this.#heard)
    subscriber.watch(this.#again, this.#lost)
    await this.#read()
    if (!this.#isFresh)
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'the connection to Redis was lost at once')
    this.#pulse = setInterval(() => void subscriber.ping().catch(() => {}), PULSE_MS)
  }

  stop(): void {
    this.#isClosed = true
    this.#isFresh = false
    clearInterval(this.#pulse)
    clearTimeout(this.#retry)
    for (const { settle } of [...this.#waiters]) {
      settle(new StoreError('ERR_STORE_CLOSED', 'the store was stopped meanwhile'))
    }
  }

  /**
   * Asks the server for a change, and waits until it is held here as well.
   * @returns what the script answered instead of a revision
   */
  async change(
    change: Script,
    keys: readonly string[],
    args: readonly Argument[],
    told: Told['change'],
  ): Promise<string | undefined> {
    const { client, keys: all } = this.#deps
    const answer = await client.run(
      change,
      [all.revision, ...keys],
      [all.changes, JSON.stringify(told), ...args],
    )
    if (typeof answer !== 'number') return String(answer)
    await this.#reached(answer)
    return undefined
  }

  #reached(revision: number): Promise<void> {
    if (this.#revision >= revision && this.#isFresh) return Promise.resolve()
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

  readonly #heard = (message: string): void => {
    const end = message.indexOf(' ')
    const told: Told = { revision: Number(message.slice(0, end)), change: JSON.parse(message.slice(end + 1)) }
    if (this.#isFresh) this.#take(told)
    else if (this.#waiting.push(told) > WAITING_MAX) this.#waiting.shift()
  }

  #take({ revision, change: [part, ...rest] }: Told): void {
    if (revision === this.#revision + 1) {
      this.#revision = revision
      this.#deps.parts[part]?.apply(rest)
      this.#tellWaiters()
    } else {
      // Something was missed, or what is there was replaced.
      this.#again()
    }
  }

  readonly #lost = (): void => {
    this.#attempt += 1
    clearTimeout(this.#retry)
    if (this.#isFresh)
      this.#deps.logger.warn({}, 'the connection to Redis is lost, on which changes are told')
    this.#isFresh = false
  }

  readonly #again = (): void => {
    clearTimeout(this.#retry)
    if (this.#isClosed) return
    this.#read().catch((error: unknown) => {
      if (this.#isClosed || !this.#deps.subscriber.isReady) return
      this.#tellTrouble(error)
      this.#retry = setTimeout(this.#again, RETRY_MS)
    })
  }

  #tellTrouble(error: unknown): void {
    const { message } = error as Error
    if (message !== this.#trouble) this.#deps.logger.error({ err: error }, 'what Redis holds can not be read')
    this.#trouble = message
  }

  async #read(): Promise<void> {
    const { client, subscriber, keys, parts, check } = this.#deps
    this.#attempt += 1
    const attempt = this.#attempt
    this.#isFresh = false
    this.#waiting = []
    // Heard first and read then: no change falls in between.
    await subscriber.subscribe(keys.changes)
    await check()
    const all = Object.values(parts)
    const hashes = all.map(part => part.hashes)
    const [revision, ...read] = (await client.run(READ_ALL, [keys.revision, ...hashes.flat()], [])) as [
      number,
      ...string[][],
    ]
    // What was told before the server read has arrived when it answers on this connection as well.
    await subscriber.ping()
    if (attempt !== this.#attempt || this.#isClosed) return
    const fields = read.map(toFields)
    const announcements = all.map((part, i) => part.load(fields.splice(0, hashes[i]?.length)))
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

function toFields(list: readonly string[]): Fields {
  const fields = new Map<string, string>()
  for (let i = 0; i < list.length; i += 2) fields.set(list[i] as string, list[i + 1] as string)
  return fields
}
