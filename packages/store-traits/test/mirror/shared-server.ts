import type { MirrorBackend, MirrorEvents, Tables } from '../../src/index.js'
import { StoreError } from '../../src/index.js'

type Told = readonly [revision: number, change: string]

const unavailable = () => new StoreError('ERR_STORE_UNAVAILABLE', 'there is no connection')

/** What several mirrors share: everything that they hold, and who is told of changes. */
export class SharedServer {
  revision = 0
  readonly tables = {
    accounts: new Map<string, string>(),
    incoming: new Map<string, string>(),
    outgoing: new Map<string, string>(),
    node: new Map<string, string>(),
    routes: new Map<string, string>(),
  } satisfies Tables
  readonly #subscribers = new Set<(told: Told) => void>()

  /** A backend on it, and what happens to its connection. */
  connect(): Connection {
    return new Connection(this, this.#subscribers)
  }

  /** Makes a change and tells it. */
  change(make: () => void, change: string): number {
    this.revision += 1
    make()
    this.tell(this.revision, change)
    return this.revision
  }

  tell(...told: Told): void {
    for (const subscriber of [...this.#subscribers]) subscriber(told)
  }
}

/** One store's connection, which can be lost, made again, and miss what it is told. */
export class Connection {
  isLost = false
  /** How many changes from now on don't arrive. */
  misses = 0
  /** What reading everything waits for. */
  gate: Promise<void> | undefined
  reads = 0
  readonly backend: MirrorBackend
  #events: MirrorEvents | undefined
  readonly #server: SharedServer
  readonly #subscribers: Set<(told: Told) => void>

  constructor(server: SharedServer, subscribers: Set<(told: Told) => void>) {
    this.#server = server
    this.#subscribers = subscribers
    this.backend = this.#backend()
  }

  lose(): void {
    this.isLost = true
    this.#subscribers.delete(this.#hear)
    this.#events?.down()
  }

  restore(): void {
    this.isLost = false
    this.#events?.up()
  }

  readonly #hear = ([revision, change]: Told): void => {
    if (this.misses > 0) this.misses -= 1
    else this.#events?.told(revision, change)
  }

  #backend(): MirrorBackend {
    const server = this.#server
    const reach = async <T>(act: () => T): Promise<T> => {
      if (this.isLost) throw unavailable()
      return act()
    }
    return {
      connect: events =>
        reach(() => {
          this.#events = events
        }),
      isConnected: () => !this.isLost,
      subscribe: () => reach(() => this.#subscribers.add(this.#hear)),
      ping: () => reach(() => undefined),
      readAll: async () => {
        this.reads += 1
        const { revision } = server
        const copied = Object.entries(server.tables).map(([name, texts]) => [name, new Map(texts)])
        await this.gate
        return reach(() => ({ revision, tables: Object.fromEntries(copied) as Tables }))
      },
      putAccount: ({ id, text }, change) =>
        reach(() => server.change(() => server.tables.accounts.set(id, text), change)),
      removeAccount: (id, change) =>
        reach(() => server.change(() => server.tables.accounts.delete(id), change)),
      setIncoming: ({ account, link }, hashes, _, change) =>
        reach(() => {
          const set = () => server.tables.incoming.set(`${link} ${account}`, JSON.stringify(hashes))
          return server.change(set, change)
        }),
      setText: (table, key, text, change) =>
        reach(() => {
          const texts = server.tables[table]
          return server.change(() => (text === undefined ? texts.delete(key) : texts.set(key, text)), change)
        }),
      setRates: (_, text, change) =>
        reach(() => server.change(() => server.tables.node.set('rates', text), change)),
    }
  }
}
