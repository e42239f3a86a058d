import { StoreError } from '@ilp/store-traits'
import { Redis, type RedisOptions } from 'ioredis'
import type { Nodes } from './nodes.js'
import type { Script } from './script.js'

export type Argument = string | Buffer

const RETRY_MIN_MS = 10
const RETRY_MAX_MS = 500

/** What is answered to those who ask the wrong node: the right one is looked for. */
const ELSEWHERE = /^(?:READONLY|MOVED|CLUSTERDOWN)/

/** Nothing is queued and nothing sent again by the driver: only the ledger knows what may be. */
const options = (timeoutMs: number): RedisOptions => ({
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  enableReadyCheck: true,
  // Commands on their way when a connection is lost fail at once.
  maxRetriesPerRequest: 0,
  commandTimeout: timeoutMs,
  connectTimeout: timeoutMs,
  disconnectTimeout: timeoutMs,
  keyPrefix: '',
  retryStrategy: times => Math.min(RETRY_MIN_MS * 2 ** Math.min(times, 16), RETRY_MAX_MS),
  reconnectOnError: error => ELSEWHERE.test(error.message),
})

/**
 * One connection to the server, or the node of a cluster, that has the keys; made anew whenever it is lost, or they are
 * elsewhere. What is asked while there is none fails at once, what isn't answered in time fails then, and everything
 * fails with ERR_STORE_UNAVAILABLE.
 */
export class Client {
  readonly #redis: Redis
  readonly #nodes: Nodes
  #address = ''
  #lastError: unknown

  constructor(nodes: Nodes, timeoutMs: number) {
    this.#nodes = nodes
    const leading = nodes.leading(address => {
      this.#address = address
    })
    this.#redis = new Redis({ ...nodes.options, ...leading, ...options(timeoutMs) })
    this.#redis.on('error', error => {
      this.#lastError = error
    })
    this.#redis.on('ready', this.#follow)
    nodes.watch(this.#follow)
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

  readonly #follow = (): void => {
    if (this.isReady && !this.#nodes.isOwner(this.#address)) this.#redis.disconnect(true)
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command()
    } catch (error) {
      // A connection on which nothing comes may be dead without anybody having said so.
      const isSilent = error instanceof Error && error.message === 'Command timed out'
      if (isSilent && this.isReady) this.#redis.disconnect(true)
      throw unavailable(error)
    }
  }
}

function unavailable(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreError('ERR_STORE_UNAVAILABLE', `Redis does not answer as it should: ${reason}`, { cause })
}
