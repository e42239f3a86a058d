import { StoreError } from '@ilp/store-traits'
import { Redis, type RedisOptions } from 'ioredis'
import type { Script } from './script.js'

/** Where the server is: a URL (`redis://`, `rediss://`), or options of ioredis. */
export type Connection = string | RedisOptions

export type Argument = string | Buffer

const RETRY_MIN_MS = 10
const RETRY_MAX_MS = 500

/** Nothing is queued and nothing sent again by the driver: only the ledger knows what may be. */
function redis(connection: Connection, timeoutMs: number): Redis {
  const options: RedisOptions = {
    ...(typeof connection === 'string' ? {} : connection),
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableReadyCheck: true,
    // Commands on their way when a connection is lost fail at once.
    maxRetriesPerRequest: 0,
    commandTimeout: timeoutMs,
    connectTimeout: timeoutMs,
    keyPrefix: '',
    retryStrategy: times => Math.min(RETRY_MIN_MS * 2 ** Math.min(times, 16), RETRY_MAX_MS),
    // A server that has become a replica is left for the one that its name leads to now.
    reconnectOnError: error => error.message.startsWith('READONLY'),
  }
  return typeof connection === 'string' ? new Redis(connection, options) : new Redis(options)
}

/**
 * One connection to the server, made anew whenever it is lost. What is asked while there is none fails at once, what isn't
 * answered in time fails then, and everything fails with ERR_STORE_UNAVAILABLE.
 */
export class Client {
  readonly #redis: Redis
  #lastError: unknown

  constructor(connection: Connection, timeoutMs: number) {
    this.#redis = redis(connection, timeoutMs)
    this.#redis.on('error', error => {
      this.#lastError = error
    })
  }

  /** Resolves when the server takes commands; rejects when the first attempt fails. */
  async connect(): Promise<void> {
    try {
      await this.#redis.connect()
    } catch (error) {
      this.close()
      throw unavailable(this.#lastError ?? error)
    }
  }

  close(): void {
    this.#redis.disconnect()
  }

  get isReady(): boolean {
    return this.#redis.status === 'ready'
  }

  /** Calls back when the connection is there again, and when it is lost. */
  watch(up: () => void, down: () => void): void {
    this.#redis.on('ready', up)
    this.#redis.on('close', down)
  }

  /** Calls back with what is told on the channel, once `subscribe` has resolved. */
  onMessage(listener: (message: string) => void): void {
    this.#redis.on('message', (_, message: string) => listener(message))
  }

  subscribe(channel: string): Promise<unknown> {
    return this.#ask(() => this.#redis.subscribe(channel))
  }

  ping(): Promise<unknown> {
    return this.#ask(() => this.#redis.ping())
  }

  call(command: string, ...args: Argument[]): Promise<unknown> {
    return this.#ask(() => this.#redis.call(command, ...args))
  }

  /** Runs a script in one call, or in two on a server that has not seen it: that it says so means that nothing was done. */
  run({ sha, text }: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const rest = [...keys, ...args]
    return this.#ask(() =>
      this.#redis.evalsha(sha, keys.length, ...rest).catch((error: unknown) => {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
        return this.#redis.eval(text, keys.length, ...rest)
      }),
    )
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command()
    } catch (error) {
      // A connection on which nothing comes may be dead without anybody having said so.
      if (error instanceof Error && error.message === 'Command timed out') this.#redis.disconnect(true)
      throw unavailable(error)
    }
  }
}

function unavailable(cause: unknown): StoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError('ERR_STORE_UNAVAILABLE', `Redis does not answer as it should: ${reason}`, { cause })
}
