import type { AccountId } from '@ilp/service-core'
import type { AccountRecord, MirrorBackend, MirrorEvents } from '@ilp/store-traits'
import type { Log, Row } from './log.js'

type Table = 'accounts' | 'retired' | 'incoming' | 'outgoing' | 'node' | 'routes'

/** The rows of a table by their keys. */
class Rows<T> {
  readonly #log: () => Log
  readonly #prefix: string
  readonly all = new Map<string, T>()

  constructor(log: () => Log, table: Table) {
    this.#log = log
    this.#prefix = `${table} `
  }

  load(rows: ReadonlyMap<string, Row>): void {
    for (const [key, row] of rows) {
      if (key.startsWith(this.#prefix)) this.all.set(key.slice(this.#prefix.length), row as T)
    }
  }

  /** Returns whether that changed anything. */
  set(key: string, value: T | undefined): boolean {
    const has = value === undefined ? this.all.delete(key) : this.all.set(key, value) === this.all
    if (has) this.#log().put(this.#prefix + key, () => value)
    return has
  }
}

/** Accounts, tokens, routes and what is known of the node, as a mirror asks for them: it holds the copies that are read. */
export class Directory implements MirrorBackend {
  readonly #log: () => Log
  readonly #accounts: Rows<AccountRecord>
  readonly #retired: Rows<true>
  readonly #incoming: Rows<readonly string[]>
  readonly #outgoing: Rows<string>
  readonly #node: Rows<string>
  readonly #routes: Rows<string>
  #revision = 0
  #events: MirrorEvents | undefined

  /** @param log there from `load` on */
  constructor(log: () => Log) {
    this.#log = log
    this.#accounts = new Rows(log, 'accounts')
    this.#retired = new Rows(log, 'retired')
    this.#incoming = new Rows(log, 'incoming')
    this.#outgoing = new Rows(log, 'outgoing')
    this.#node = new Rows(log, 'node')
    this.#routes = new Rows(log, 'routes')
  }

  load(rows: ReadonlyMap<string, Row>): void {
    const tables = [this.#accounts, this.#retired, this.#incoming, this.#outgoing, this.#node, this.#routes]
    for (const table of tables) table.load(rows)
  }

  // A file in this process is always connected, and tells of every change.
  readonly connect = async (events: MirrorEvents): Promise<void> => {
    this.#events = events
  }
  readonly isConnected = () => true
  readonly subscribe = async () => {}
  readonly ping = async () => {}

  readonly readAll = async () => ({
    revision: this.#revision,
    tables: {
      accounts: new Map([...this.#accounts.all].map(([id, { text }]) => [id, text])),
      incoming: new Map([...this.#incoming.all].map(([key, hashes]) => [key, JSON.stringify(hashes)])),
      outgoing: this.#outgoing.all,
      node: this.#node.all,
      routes: this.#routes.all,
    },
  })

  readonly putAccount: MirrorBackend['putAccount'] = async (account, change) => {
    const { id, username, asset } = account
    const former = this.#accounts.all.get(id)?.asset
    if (this.#retired.all.has(id)) return 'id-retired'
    if (former && (former.code !== asset.code || former.scale !== asset.scale)) return 'asset-fixed'
    for (const other of this.#accounts.all.values()) {
      if (other.username === username && other.id !== id) return 'username-taken'
    }
    return this.#made(this.#accounts.set(id, account), change)
  }

  readonly removeAccount = async (id: AccountId, change: string): Promise<number> => {
    if (!this.#accounts.set(id, undefined)) return 0
    this.#retired.set(id, true)
    for (const table of [this.#incoming, this.#outgoing]) {
      for (const key of table.all.keys())
        if (key.slice(key.indexOf(' ') + 1) === id) table.set(key, undefined)
    }
    return this.#made(true, change)
  }

  readonly setIncoming: MirrorBackend['setIncoming'] = async (
    { account, link },
    hashes,
    candidates,
    change,
  ) => {
    for (const [key, taken] of this.#incoming.all) {
      const isOwn = key.slice(key.indexOf(' ') + 1) === account
      if (!isOwn && candidates.some(hash => taken.includes(hash))) return 'token-taken'
    }
    const value = hashes.length > 0 ? hashes : undefined
    return this.#made(this.#incoming.set(`${link} ${account}`, value), change)
  }

  readonly setText: MirrorBackend['setText'] = async (table, key, text, change) => {
    const rows = { outgoing: this.#outgoing, node: this.#node, routes: this.#routes }[table]
    return this.#made(rows.set(key, text), change)
  }

  readonly setRates = async (asOfMs: number, text: string, change: string): Promise<number> => {
    const former = this.#node.all.get('rates')
    if (former !== undefined && (JSON.parse(former) as { asOfMs: number }).asOfMs >= asOfMs) return 0
    return this.#made(this.#node.set('rates', text), change)
  }

  /** Tells of a change as soon as it is on the disk. */
  async #made(hasChanged: boolean, change: string): Promise<number> {
    if (!hasChanged) return 0
    this.#revision += 1
    const revision = this.#revision
    await this.#log().flushed()
    this.#events?.told(revision, change)
    return revision
  }
}
