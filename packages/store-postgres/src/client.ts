import { Socket } from 'node:net'
import { StoreError } from '@ilp/store-traits'
import { type ClientConfig, Client as PgClient } from 'pg'

/** Where the server is: a URL (`postgres://`), or a configuration of `pg`. */
export type Connection = string | ClientConfig

/** What is asked: text, or a statement that the server prepares once for each connection. */
export type Statement = string | { readonly name: string; readonly text: string }

export type Value = string | number | null | readonly string[]

export type Row = readonly unknown[]

export interface ClientOptions {
  /** Sent on each new connection before anything else. */
  readonly setUp: string
  /** How long the server may take to be connected to, and a call to be answered. */
  readonly timeoutMs: number
}

const RETRY_MIN_MS = 10
const RETRY_MAX_MS = 500
/** Calls that wait for those before them. More are refused. */
const WAITING_MAX = 10_000

interface Live {
  readonly pg: PgClient
  readonly socket: Socket
}

interface Job {
  readonly statement: Statement
  readonly values: readonly Value[]
  readonly timeoutMs: number
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: Error) => void
  /** When it was sent. */
  sentMs: number
  timer: NodeJS.Timeout
}

/**
 * One connection to the server, made anew whenever it is lost, on which one call is made after the other. What is asked
 * while there is none fails at once, what isn't answered in time fails then. A connection on which anything has failed
 * is thrown away, and with it what waits. Everything fails with ERR_STORE_UNAVAILABLE; nothing is ever sent again.
 */
export class Client {
  readonly #connection: Connection
  readonly #options: ClientOptions
  #live: Live | undefined
  /** The connection that is being made. */
  #coming: Live | undefined
  /** What is asked; the first of them is under way. */
  readonly #jobs: Job[] = []
  #isBusy = false
  #isClosed = false
  #retry: NodeJS.Timeout | undefined
  #pauseMs = RETRY_MIN_MS
  #up = () => {}
  #down = () => {}
  #notified: (payload: string) => void = () => {}

  constructor(connection: Connection, options: ClientOptions) {
    this.#connection = connection
    this.#options = options
  }

  /** Resolves when the server takes calls; rejects when the first attempt fails. */
  async connect(): Promise<void> {
    try {
      this.#took(await this.#open())
    } catch (error) {
      this.close()
      throw unavailable(error)
    }
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#retry)
    this.#coming?.socket.destroy()
    if (this.#live) this.#drop(this.#live, new Error('the store was stopped'))
  }

  get isReady(): boolean {
    return this.#live !== undefined
  }

  /** Calls back when the connection is there again, and when it is lost. */
  watch(up: () => void, down: () => void): void {
    this.#up = up
    this.#down = down
  }

  /** Calls back with what is told on channels that this connection listens to. */
  onNotification(listener: (payload: string) => void): void {
    this.#notified = listener
  }

  /** The rows that the server answers. Settles within `timeoutMs`. */
  query(
    statement: Statement,
    values: readonly Value[] = [],
    timeoutMs = this.#options.timeoutMs,
  ): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      if (values.some(hasNul)) return reject(new TypeError('Postgres keeps no texts with a NUL in them'))
      if (!this.#live) return reject(unavailable(new Error('there is no connection')))
      if (this.#jobs.length > WAITING_MAX) return reject(unavailable(new Error('too many calls wait')))
      const timer = setTimeout(() => this.#late(job), timeoutMs)
      const job: Job = { statement, values, timeoutMs, resolve, reject, sentMs: 0, timer }
      this.#jobs.push(job)
      this.#next()
    })
  }

  #next(): void {
    const [live, job] = [this.#live, this.#jobs[0]]
    if (this.#isBusy || !live || !job) return
    this.#isBusy = true
    job.sentMs = performance.now()
    send(live.pg, job).then(
      rows => {
        if (this.#live !== live) return
        this.#isBusy = false
        this.#jobs.shift()
        clearTimeout(job.timer)
        job.resolve(rows)
        this.#next()
      },
      (error: unknown) => this.#drop(live, error),
    )
  }

  #late(job: Job): void {
    const error = new Error(`no answer in ${job.timeoutMs} ms`)
    job.reject(unavailable(error))
    if (job !== this.#jobs[0]) return void this.#jobs.splice(this.#jobs.indexOf(job), 1)
    // It may have waited for others; the server has its time as well. A connection on which nothing comes then may be
    // dead without anybody having said so.
    const leftMs = job.sentMs + job.timeoutMs - performance.now()
    if (leftMs > 0) job.timer = setTimeout(() => this.#late(job), leftMs)
    else if (this.#live) this.#drop(this.#live, error)
  }

  #drop(live: Live, error: unknown): void {
    live.socket.destroy()
    if (this.#live !== live) return
    this.#live = undefined
    this.#isBusy = false
    for (const { reject, timer } of this.#jobs.splice(0)) {
      clearTimeout(timer)
      reject(unavailable(error))
    }
    this.#down()
    this.#again()
  }

  #again(): void {
    if (this.#isClosed) return
    this.#retry = setTimeout(() => {
      this.#open().then(
        live => {
          if (this.#isClosed) return live.socket.destroy()
          this.#took(live)
          this.#up()
        },
        () => {
          this.#pauseMs = Math.min(this.#pauseMs * 2, RETRY_MAX_MS)
          this.#again()
        },
      )
    }, this.#pauseMs)
  }

  #took(live: Live): void {
    this.#live = live
    this.#pauseMs = RETRY_MIN_MS
    live.pg.on('notification', ({ payload = '' }) => this.#notified(payload))
    live.pg.on('end', () => this.#drop(live, new Error('the connection was lost')))
  }

  async #open(): Promise<Live> {
    const { setUp, timeoutMs } = this.#options
    const socket = new Socket()
    const config =
      typeof this.#connection === 'string' ? { connectionString: this.#connection } : this.#connection
    const pg = new PgClient({ ...config, keepAlive: true, stream: () => socket })
    // What fails ends the connection, and that is heard of.
    pg.on('error', () => {})
    const live = { pg, socket }
    this.#coming = live
    const timer = setTimeout(() => socket.destroy(), timeoutMs)
    try {
      await pg.connect()
      await pg.query(setUp)
      return live
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      this.#coming = undefined
      clearTimeout(timer)
    }
  }
}

const hasNul = (value: Value): boolean =>
  typeof value === 'string' ? value.includes('\0') : Array.isArray(value) && value.some(hasNul)

async function send(pg: PgClient, { statement, values }: Job): Promise<readonly Row[]> {
  if (typeof statement === 'string' && values.length === 0) {
    // May be several statements: those have no values, and what they answer isn't asked for.
    const result = await pg.query({ text: statement, rowMode: 'array' })
    return Array.isArray(result) ? [] : result.rows
  }
  const query = typeof statement === 'string' ? { text: statement } : statement
  return (await pg.query({ ...query, values: [...values], rowMode: 'array' })).rows as Row[]
}

function unavailable(cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError('ERR_STORE_UNAVAILABLE', `Postgres does not answer as it should: ${reason}`, {
    cause,
  })
}
