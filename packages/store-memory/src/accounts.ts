import type { AccountId } from '@ilp/service-core'
import {
  type AccountChange,
  type AccountStore,
  Feed,
  type PutAccountOutcome,
  type StoredAccount,
} from '@ilp/store-traits'
import type { Credentials } from './credentials.js'
import type { Handle } from './handle.js'

/** What a backend keeps of accounts. */
export class Accounts<A extends StoredAccount> {
  readonly byId = new Map<AccountId, A>()
  readonly byUsername = new Map<string, A>()
  readonly feed = new Feed<AccountChange<A>>()
  readonly #retired = new Set<AccountId>()
  readonly #credentials: Credentials

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  put(given: A): PutAccountOutcome {
    const account = frozen(structuredClone(given))
    const { id, username, asset } = account
    const former = this.byId.get(id)
    if (this.#retired.has(id)) return 'id-retired'
    if (former && (former.asset.code !== asset.code || former.asset.scale !== asset.scale)) {
      return 'asset-fixed'
    }
    if ((this.byUsername.get(username)?.id ?? id) !== id) return 'username-taken'
    if (former) this.byUsername.delete(former.username)
    this.byUsername.set(username, account)
    this.byId.set(id, account)
    this.feed.announce({ id, account })
    return 'stored'
  }

  remove(id: AccountId): void {
    const account = this.byId.get(id)
    if (!account) return
    this.byId.delete(id)
    this.byUsername.delete(account.username)
    this.#retired.add(id)
    this.#credentials.remove(id)
    this.feed.announce({ id, account: undefined })
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

export function memoryAccounts<A extends StoredAccount>(
  handle: Handle,
  accounts: Accounts<A>,
): AccountStore<A> {
  return {
    get: id => {
      handle.check()
      return accounts.byId.get(id)
    },
    byUsername: username => {
      handle.check()
      return accounts.byUsername.get(username)
    },
    all: () => {
      handle.check()
      return [...accounts.byId.values()]
    },
    put: async account => {
      handle.check()
      return accounts.put(account)
    },
    remove: async id => {
      handle.check()
      accounts.remove(id)
    },
    watch: handle.watch(accounts.feed),
  }
}
