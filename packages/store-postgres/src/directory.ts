import type { MirrorBackend, MirrorEvents, Snapshot, Tables } from '@ilp/store-traits'
import type { Client, Value } from './client.js'
import { inspectSafety } from './safety.js'
import { migrate } from './schema.js'

export interface DirectoryDeps {
  readonly client: Client
  /** A connection of its own, on which changes are told. */
  readonly listener: Client
  readonly schema: string
}

/** What the server keeps of all that stores hold in memory, and the channel on which it tells changes. */
export class Directory implements MirrorBackend {
  readonly #client: Client
  readonly #listener: Client
  readonly #schema: string
  /** What can be lost of what was acknowledged. */
  loses: string | undefined = 'not known before the store has started'

  constructor({ client, listener, schema }: DirectoryDeps) {
    this.#client = client
    this.#listener = listener
    this.#schema = schema
  }

  readonly connect = async ({ told, up, down }: MirrorEvents): Promise<void> => {
    const assembler = new Assembler(told)
    await this.#listener.connect()
    this.#listener.onNotification(payload => assembler.take(payload))
    this.#listener.watch(up, down)
  }

  readonly isConnected = (): boolean => this.#listener.isReady

  readonly subscribe = (): Promise<unknown> => this.#listener.query(`LISTEN ${this.#schema}_changes`)

  readonly ping = (): Promise<unknown> => this.#listener.query('SELECT')

  readonly readAll = async (): Promise<Snapshot> => {
    await migrate(this.#client, this.#schema)
    this.loses = await inspectSafety(this.#client)
    const tables = {
      accounts: new Map<string, string>(),
      incoming: new Map<string, string>(),
      outgoing: new Map<string, string>(),
      node: new Map<string, string>(),
      routes: new Map<string, string>(),
    } satisfies Tables
    let revision = 0
    const rows = await this.#client.query('SELECT kind, key, content FROM read_directory()')
    for (const [kind, key, content] of rows as [keyof Tables | 'revision', string, string][]) {
      if (kind === 'revision') revision = Number(content)
      else tables[kind].set(key, content)
    }
    return { revision, tables }
  }

  readonly putAccount: MirrorBackend['putAccount'] = ({ id, username, asset, text }, change) =>
    this.#change('put_account', [id, username, asset.code, asset.scale, text, change])

  readonly removeAccount: MirrorBackend['removeAccount'] = (id, change) =>
    this.#change('remove_account', [id, change])

  readonly setIncoming: MirrorBackend['setIncoming'] = ({ account, link }, hashes, candidates, change) =>
    this.#change('set_incoming', [account, link, hashes, candidates, change])

  readonly setText: MirrorBackend['setText'] = (table, key, text, change) =>
    this.#change('set_text', [table, key, text ?? null, change])

  readonly setRates: MirrorBackend['setRates'] = (asOfMs, text, change) =>
    this.#change('set_rates', [asOfMs, text, change])

  close(): void {
    this.#listener.close()
  }

  /** What the function answers: a revision, or why nothing was changed. */
  async #change<Answer extends number | string>(name: string, values: readonly Value[]): Promise<Answer> {
    const parameters = values.map((_, i) => `$${i + 1}`)
    const [[answer] = []] = await this.#client.query(`SELECT ${name}(${parameters})`, values)
    return (/^\d/.test(answer as string) ? Number(answer) : answer) as Answer
  }
}

/** Puts changes together that are told in parts. Those of one follow one another, since a transaction tells them at once. */
class Assembler {
  readonly #told: MirrorEvents['told']
  #revision = 0
  #parts = ''

  constructor(told: MirrorEvents['told']) {
    this.#told = told
  }

  /** Takes `<revision> <parts that follow> <text>`. */
  take(payload: string): void {
    const [, revision, left, text = ''] = /^(\d+) (\d+) (.*)$/s.exec(payload) ?? []
    // What was begun on a connection that was lost.
    if (Number(revision) !== this.#revision) this.#parts = ''
    this.#revision = Number(revision)
    this.#parts += text
    if (left === '0') this.#told(this.#revision, this.#parts)
  }
}
