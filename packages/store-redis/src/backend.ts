import type { Lifecycle, Logger } from '@ilp/service-core'
import { type Feed, StoreError, type Watch } from '@ilp/store-traits'
import { type Argument, Client, type Connection } from './client.js'
import type { Keys } from './keys.js'
import { Mirror } from './mirror.js'
import type { Part } from './part.js'
import { inspectSafety } from './safety.js'
import { migrate } from './schema.js'
import type { Script } from './script.js'

export interface BackendDeps {
  readonly connection: Connection
  readonly keys: Keys
  /** What is held in memory, by the name under which its changes are told. */
  readonly parts: Readonly<Record<string, Part>>
  readonly timeoutMs: number
  readonly logger: Logger
}

/** A store's access to the server: there between its start and its stop. */
export class Backend implements Lifecycle {
  readonly #deps: BackendDeps
  #client: Client | undefined
  #subscriber: Client | undefined
  #mirror: Mirror | undefined
  #isOpen = false
  readonly #subscriptions = new Set<() => void>()
  /** What can be lost of what was acknowledged. */
  loses: string | undefined = 'not known before the store has started'

  constructor(deps: BackendDeps) {
    this.#deps = deps
  }

  readonly start = async (): Promise<void> => {
    const { connection, keys, parts, timeoutMs, logger } = this.#deps
    const client = new Client(connection, timeoutMs)
    const subscriber = new Client(connection, timeoutMs)
    this.#client = client
    this.#subscriber = subscriber
    const check = async () => {
      await migrate(client, keys)
      this.loses = await inspectSafety(client)
    }
    this.#mirror = new Mirror({ client, subscriber, keys, parts, check, timeoutMs, logger })
    try {
      await client.connect()
      await this.#mirror.start()
    } catch (error) {
      await this.stop()
      throw error
    }
    if (this.loses) logger.warn({ loses: this.loses }, 'Redis can lose what it has acknowledged')
    this.#isOpen = true
  }

  readonly stop = async (): Promise<void> => {
    this.#isOpen = false
    for (const end of this.#subscriptions) end()
    this.#subscriptions.clear()
    this.#mirror?.stop()
    this.#subscriber?.close()
    this.#client?.close()
  }

  /** @throws StoreError ERR_STORE_CLOSED */
  check(): void {
    if (!this.#isOpen) throw new StoreError('ERR_STORE_CLOSED', 'the store is not open')
  }

  /** Runs a script. Nothing is done as long as what is held in memory may be out of date. */
  run(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    const { client } = this.#open()
    return client.run(script, keys, args)
  }

  call(command: string, ...args: readonly string[]): Promise<unknown> {
    const { client } = this.#open()
    return client.call(command, ...args)
  }

  /** Makes a change of what is held in memory; resolves when it is in force, with what the script answered otherwise. */
  change(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    told: readonly [part: string, ...change: unknown[]],
  ): Promise<string | undefined> {
    const { mirror } = this.#open()
    return mirror.change(script, keys, args, told)
  }

  /** The feed as the store's users see it: a listener that throws is logged, and keeps nobody from being told. */
  watch<Change>(feed: Feed<Change>): Watch<Change> {
    return listener => {
      this.check()
      const unsubscribe = feed.subscribe(change => {
        try {
          listener(change)
        } catch (err) {
          this.#deps.logger.error({ err }, 'a listener of the store threw')
        }
      })
      const end = () => {
        this.#subscriptions.delete(end)
        unsubscribe()
      }
      this.#subscriptions.add(end)
      return end
    }
  }

  #open(): { readonly client: Client; readonly mirror: Mirror } {
    this.check()
    const [client, mirror] = [this.#client, this.#mirror]
    if (!client || !mirror?.isFresh) {
      throw new StoreError(
        'ERR_STORE_UNAVAILABLE',
        'the connection to Redis is lost, or what it holds is being read again',
      )
    }
    return { client, mirror }
  }
}
