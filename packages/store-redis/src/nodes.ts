import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { StoreError } from '@ilp/store-traits'
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis'

/** Where a server is: a URL (`redis://`, `rediss://`), or options of ioredis. */
export type Server = string | RedisOptions

/** The server, or several nodes of a cluster. One of them is enough to find the others, as long as it is there. */
export type Connection = Server | readonly Server[]

interface Address {
  readonly host: string
  readonly port: number
}

/** What a node knows of its cluster. */
interface View {
  readonly owner: Address
  readonly others: readonly Address[]
  /** It says that there is no cluster. */
  readonly isSingle: boolean
}

/** Nodes that were not given, and are asked all the same when the owner has to be found. */
const KNOWN_MAX = 10
const PAUSE_MS = 100
const PORT_MAX = 65_535

const nameOf = ({ host, port }: Address): string => `${host}:${port}`

const optionsOf = (server: Server): RedisOptions =>
  typeof server === 'string' ? new Redis(server, { lazyConnect: true }).options : server

/**
 * Where the keys are. A single server has them itself. Of a cluster one node has them all, since they share a slot: it
 * is looked for each time that a connection is made, so that a slot which moves and a replica which takes over are
 * followed by connecting anew.
 */
export class Nodes {
  /** Of all connections, but for the address. */
  readonly options: RedisOptions
  readonly #key: string
  readonly #timeoutMs: number
  /** Sentinels, or a socket in the file system, say by themselves where the server is. */
  readonly #isFixed: boolean
  readonly #given: readonly Address[]
  #known: readonly Address[] = []
  #isSingle = false
  #owner: Address | undefined
  readonly #listeners = new Set<() => void>()

  /** @param key one of the keys */
  constructor(connection: Connection, key: string, timeoutMs: number) {
    const servers = (Array.isArray(connection) ? connection : [connection]).map(optionsOf)
    if (!servers[0]) throw new RangeError('a connection names at least one server')
    this.options = servers[0]
    this.#key = key
    this.#timeoutMs = timeoutMs
    this.#isFixed = Boolean(servers[0].sentinels || servers[0].path)
    this.#given = servers.map(({ host = '127.0.0.1', port = 6379 }) => ({ host, port }))
  }

  /** Calls back when the keys are found elsewhere than before. */
  watch(listener: () => void): void {
    this.#listeners.add(listener)
  }

  /** Whether the keys were last found at this address. */
  isOwner(address: string): boolean {
    return this.#owner === undefined || nameOf(this.#owner) === address
  }

  /**
   * Options that lead a connection to the owner.
   * @param leads is told the address
   */
  leading(leads: (address: string) => void): RedisOptions {
    if (this.#isFixed) return {}
    const find = (isWanted: () => boolean) => this.#find(isWanted)
    const { tls, family } = this.options
    return {
      Connector: class extends AbstractConnector {
        constructor(options: unknown) {
          super((options as { readonly disconnectTimeout: number }).disconnectTimeout)
        }

        async connect(): Promise<Socket> {
          this.connecting = true
          const { host, port } = await find(() => this.connecting)
          // The driver takes this for the end, and it is: nothing else stops a connection that is being made.
          if (!this.connecting) throw new Error('the connection was closed while it was being made')
          leads(nameOf({ host, port }))
          const to = { host, port, ...(family === undefined ? {} : { family }) }
          this.stream = tls ? connectTls({ ...to, ...tls }) : connectTcp(to)
          this.stream.once('error', error => {
            this.firstError = error
          })
          return this.stream
        }
      },
    }
  }

  /** Where they are; once that was known, for as long as it takes. Where there is one server it is that one. */
  async #find(isWanted: () => boolean): Promise<Address> {
    for (;;) {
      try {
        return await this.#look()
      } catch (error) {
        if (!this.#owner) return this.#onlyServer(error)
        if (!isWanted()) return this.#owner
      }
      await sleep(PAUSE_MS, undefined, { ref: false })
    }
  }

  /** Who connects to it will hear what is wrong. */
  #onlyServer(error: unknown): Address {
    const [server, ...others] = this.#given
    if (!server || others.length > 0) throw error
    return server
  }

  /** Asks all nodes, and takes the first answer: who is dead or cut off from the others keeps nobody waiting. */
  async #look(): Promise<Address> {
    if (this.#isSingle && this.#owner) return this.#owner
    const asked = new Map([...this.#given, ...this.#known].map(address => [nameOf(address), address]))
    const views = [...asked.values()].map(address => this.#ask(address))
    const view = await Promise.any(views).catch(({ errors }: AggregateError) => {
      throw errors.find(error => error instanceof StoreError) ?? errors[0]
    })
    this.#isSingle = view.isSingle
    this.#known = view.others.slice(0, KNOWN_MAX)
    const isElsewhere = !this.isOwner(nameOf(view.owner))
    this.#owner = view.owner
    if (isElsewhere) for (const listener of this.#listeners) listener()
    return view.owner
  }

  async #ask(address: Address): Promise<View> {
    const redis = new Redis({
      ...this.options,
      ...address,
      lazyConnect: true,
      enableReadyCheck: false,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: this.#timeoutMs,
      connectTimeout: this.#timeoutMs,
      retryStrategy: () => null,
      reconnectOnError: null,
      db: 0,
    })
    redis.on('error', () => {})
    try {
      await redis.connect()
      const [slot, info, slots] = await Promise.all([
        redis.cluster('KEYSLOT', this.#key),
        redis.cluster('INFO'),
        redis.cluster('SLOTS'),
      ])
      if (!String(info).includes('cluster_state:ok'))
        throw new Error('the cluster is down, as this node sees it')
      return viewOf(slot, slots, address)
    } catch (error) {
      if (!(error as Error).message.includes('cluster support disabled')) throw error
      if (this.#given.length > 1) {
        throw new StoreError('ERR_STORE_UNSAFE', `${nameOf(address)} is no node of a cluster: name it alone`)
      }
      return { owner: address, others: [], isSingle: true }
    } finally {
      redis.disconnect()
    }
  }
}

type Range = readonly [
  first: number,
  last: number,
  ...nodes: (readonly [host: string, port: number, ...rest: unknown[]])[],
]

/** @throws Error when nobody has the slot */
function viewOf(slot: number, ranges: readonly Range[], asked: Address): View {
  const addresses = ([, , ...nodes]: Range) =>
    // A node that does not know its own name is where it was asked.
    nodes.map(([host, port]) => ({ host: host || asked.host, port }))
  const its = ranges.find(([first, last]) => first <= slot && slot <= last)
  const [owner, ...replicas] = its ? addresses(its) : []
  if (!owner || !(owner.port > 0 && owner.port <= PORT_MAX)) throw new Error('nobody has the slot')
  return { owner, others: [owner, ...replicas, ...ranges.flatMap(addresses)], isSingle: false }
}
