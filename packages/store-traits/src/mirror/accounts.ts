import type { AccountId } from '@ilp/service-core'
import type { AccountChange, AccountStore, StoredAccount } from '../accounts.js'
import { Feed } from '../feed.js'
import type { Subscriptions } from '../subscriptions.js'
import type { MirrorBackend, Tables } from './backend.js'
import type { Copy } from './copy.js'
import type { Credentials } from './credentials.js'
import type { Part } from './part.js'
import { decodePlainData, encodePlainData } from './plain-data.js'

/** The accounts, as they are held in memory. */
export class Accounts<A extends StoredAccount> implements Part {
  readonly byId = new Map<AccountId, A>()
  readonly byUsername = new Map<string, A>()
  readonly feed = new Feed<AccountChange<A>>()
  /** As the backend has them. */
  #texts = new Map<AccountId, string>()
  readonly #credentials: Credentials

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  load({ accounts }: Tables): () => void {
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

  apply(change: readonly unknown[]): void {
    const [id, text] = change as [AccountId, string | undefined]
    const former = this.byId.get(id)
    if (former) this.byUsername.delete(former.username)
    if (text === undefined) {
      this.byId.delete(id)
      this.#texts.delete(id)
      const announceTokens = this.#credentials.remove(id)
      announceTokens()
    } else this.#hold(id, text)
    this.feed.announce({ id, account: this.byId.get(id) })
  }

  #hold(id: AccountId, text: string, known?: A): void {
    const account = known ?? (decodePlainData(text) as A)
    this.#texts.set(id, text)
    this.byId.set(id, account)
    this.byUsername.set(account.username, account)
  }
}

export function mirroredAccounts<A extends StoredAccount>(
  accounts: Accounts<A>,
  copy: Copy,
  backend: MirrorBackend,
  subscriptions: Subscriptions,
): AccountStore<A> {
  return {
    get: id => {
      copy.check()
      return accounts.byId.get(id)
    },
    byUsername: username => {
      copy.check()
      return accounts.byUsername.get(username)
    },
    all: () => {
      copy.check()
      return [...accounts.byId.values()]
    },
    put: async account => {
      const { id, username, asset } = account
      const text = encodePlainData(account)
      const put = (change: string) => backend.putAccount({ id, username, asset, text }, change)
      return (await copy.change(['accounts', id, text], put)) ?? 'stored'
    },
    remove: async id => {
      await copy.change(['accounts', id], change => backend.removeAccount(id, change))
    },
    watch: subscriptions.watch(accounts.feed),
  }
}
