import type { MirrorBackend, MirrorEvents, Snapshot, Texts } from '@ilp/store-traits'
import { assetName } from './batch.js'
import type { Client } from './client.js'
import type { Keys } from './keys.js'
import { PUT_ACCOUNT, READ_ALL, REMOVE_ACCOUNT, SET_FIELD, SET_INCOMING, SET_RATES } from './lua/directory.js'
import { inspectSafety } from './safety.js'
import { migrate } from './schema.js'
import type { Script } from './script.js'

export interface DirectoryDeps {
  readonly client: Client
  /** A connection of its own: one that hears of changes can't be used for anything else. */
  readonly subscriber: Client
  readonly keys: Keys
}

/** What the server keeps of all that stores hold in memory, and the channel on which it tells changes. */
export class Directory implements MirrorBackend {
  readonly #client: Client
  readonly #subscriber: Client
  readonly #keys: Keys
  /** What can be lost of what was acknowledged. */
  loses: string | undefined = 'not known before the store has started'

  constructor({ client, subscriber, keys }: DirectoryDeps) {
    this.#client = client
    this.#subscriber = subscriber
    this.#keys = keys
  }

  readonly connect = async ({ told, up, down }: MirrorEvents): Promise<void> => {
    const subscriber = this.#subscriber
    await subscriber.connect()
    subscriber.onMessage(message => {
      const end = message.indexOf(' ')
      told(Number(message.slice(0, end)), message.slice(end + 1))
    })
    subscriber.watch(up, down)
  }

  readonly isConnected = (): boolean => this.#subscriber.isReady

  readonly subscribe = (): Promise<unknown> => this.#subscriber.subscribe(this.#keys.changes)

  readonly ping = (): Promise<unknown> =>
    // The node that has the keys hears it, or says who has them now: changes are told there first.
    Promise.all([this.#subscriber.ping(), this.#client.call('EXISTS', this.#keys.schema)])

  readonly readAll = async (): Promise<Snapshot> => {
    await migrate(this.#client, this.#keys)
    this.loses = await inspectSafety(this.#client)
    const { revision, accounts, incoming, outgoing, node, routes } = this.#keys
    const hashes = [accounts, incoming, outgoing, node, routes]
    const answer = await this.#client.run(READ_ALL, [revision, ...hashes], [])
    const [count, ...read] = answer as [number, ...string[][]]
    const all = read.map(toTexts) as [Texts, Texts, Texts, Texts, Texts]
    return {
      revision: count,
      tables: { accounts: all[0], incoming: all[1], outgoing: all[2], node: all[3], routes: all[4] },
    }
  }

  readonly putAccount: MirrorBackend['putAccount'] = ({ id, username, asset, text }, change) => {
    const { accounts, usernames, heads, retired } = this.#keys
    const args = [id, username, assetName(asset), text]
    return this.#change(PUT_ACCOUNT, [accounts, usernames, heads, retired], change, args)
  }

  readonly removeAccount: MirrorBackend['removeAccount'] = (id, change) => {
    const { accounts, usernames, heads, retired, incoming, owners, outgoing } = this.#keys
    const its = [accounts, usernames, heads, retired, incoming, owners, outgoing]
    return this.#change(REMOVE_ACCOUNT, its, change, [id])
  }

  readonly setIncoming: MirrorBackend['setIncoming'] = ({ account, link }, hashes, candidates, change) => {
    const { incoming, owners } = this.#keys
    const args = [account, link, JSON.stringify(hashes), JSON.stringify(candidates)]
    return this.#change(SET_INCOMING, [incoming, owners], change, args)
  }

  readonly setText: MirrorBackend['setText'] = (table, key, text, change) =>
    this.#change(SET_FIELD, [this.#keys[table]], change, text === undefined ? [key] : [key, text])

  readonly setRates: MirrorBackend['setRates'] = (asOfMs, text, change) =>
    this.#change(SET_RATES, [this.#keys.node], change, [String(asOfMs), text])

  close(): void {
    this.#subscriber.close()
  }

  async #change<Answer>(
    script: Script,
    keys: readonly string[],
    change: string,
    args: readonly string[],
  ): Promise<Answer> {
    const { revision, changes } = this.#keys
    return (await this.#client.run(script, [revision, ...keys], [changes, change, ...args])) as Answer
  }
}

function toTexts(list: readonly string[]): Texts {
  const texts = new Map<string, string>()
  for (let i = 0; i < list.length; i += 2) texts.set(list[i] as string, list[i + 1] as string)
  return texts
}
