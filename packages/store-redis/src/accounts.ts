import type { AccountId } from '@ilp/service-core'
import {
  type AccountChange,
  type AccountStore,
  Feed,
  type PutAccountOutcome,
  type StoredAccount,
} from '@ilp/store-traits'
import type { Backend } from './backend.js'
import { assetName } from './batch.js'
import type { Credentials } from './credentials.js'
import type { Keys } from './keys.js'
import { PUT_ACCOUNT, REMOVE_ACCOUNT } from './lua/directory.js'
import type { Fields, Part } from './part.js'
import { decodePlainData, encodePlainData } from './plain-data.js'

/** The accounts, as they are held in memory. */
export class Accounts<A extends StoredAccount> implements Part {
  readonly hashes: readonly string[]
  readonly byId = new Map<AccountId, A>()
  readonly byUsername = new Map<string, A>()
  readonly feed = new Feed<AccountChange<A>>()
  /** As the server has them. */
  #texts = new Map<AccountId, string>()
  readonly #credentials: Credentials

  constructor({ accounts }: Keys, credentials: Credentials) {
    this.hashes = [accounts]
    this.#credentials = credentials
  }

  load([accounts]: readonly Fields[]): () => void {
    const now = accounts as ReadonlyMap<AccountId, string>
    const former = this.#texts
    this.#texts = new Map()
    this.byUsername.clear()
    const changed: AccountId[] = [...former.keys()].filter(id => !now.has(id))
    for (const id of changed) this.byId.delete(id)
    for (const [id, text] of now) {
      if (former.get(id) !== text) changed.push(id)
      this.#hold(id, text, former.get(id) === text ? this.byId.get(id) : undefined)
    }
    return () => {
      for (const id of changed) this.feed.announce({ id, account: this.byId.get(id) })
    }
  }

  apply([id, text]: readonly unknown[]): void {
    if (typeof text === 'string') this.#put(id as AccountId, text)
    else this.#remove(id as AccountId)
    this.feed.announce({ id: id as AccountId, account: this.byId.get(id as AccountId) })
  }

  #put(id: AccountId, text: string): void {
    this.#release(id)
    this.#hold(id, text)
  }

  #remove(id: AccountId): void {
    this.#release(id)
    this.byId.delete(id)
    this.#texts.delete(id)
    this.#credentials.remove(id)
  }

  #hold(id: AccountId, text: string, known?: A): void {
    const account = known ?? (decodePlainData(text) as A)
    this.#texts.set(id, text)
    this.byId.set(id, account)
    this.byUsername.set(account.username, account)
  }

  #release(id: AccountId): void {
    const former = this.byId.get(id)
    if (former) this.byUsername.delete(former.username)
  }
}

export function redisAccounts<A extends StoredAccount>(
  backend: Backend,
  keys: Keys,
  accounts: Accounts<A>,
): AccountStore<A> {
  return {
    get: id => {
      backend.check()
      return accounts.byId.get(id)
    },
    byUsername: username => {
      backend.check()
      return accounts.byUsername.get(username)
    },
    all: () => {
      backend.check()
      return [...accounts.byId.values()]
    },
    put: async account => {
      const { id, username, asset } = account
      const text = encodePlainData(account)
      const refusal = await backend.change(
        PUT_ACCOUNT,
        [keys.accounts, keys.usernames, keys.heads, keys.retired],
        [id, username, assetName(asset), text],
        ['accounts', id, text],
      )
      return (refusal as PutAccountOutcome | undefined) ?? 'stored'
    },
    remove: async id => {
      await backend.change(
        REMOVE_ACCOUNT,
        [keys.accounts, keys.usernames, keys.heads, keys.retired, keys.incoming, keys.owners, keys.outgoing],
        [id],
        ['accounts', id],
      )
    },
    watch: backend.watch(accounts.feed),
  }
}
