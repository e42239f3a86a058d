import type { AccountId } from '@ilp/service-core'
import {
  type AccountChange,
  type AccountStore,
  Feed,
  type PutAccountOutcome,
  type StoredAccount,
} from '@ilp/store-traits'
import type { Credentials } from './credentials.js'
import type { Disk } from './disk.js'
import type { Change, Flusher } from './flusher.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'
import { decodePlainData, encodePlainData } from './plain-data.js'

/** The accounts in memory, and the way to the disk. */
export class Accounts<A extends StoredAccount> {
  readonly byId = new Map<AccountId, A>()
  readonly byUsername = new Map<string, A>()
  readonly feed = new Feed<AccountChange<A>>()
  readonly #retired = new Set<AccountId>()
  readonly #credentials: Credentials

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  load(disk: Disk): void {
    for (const [name] of disk.read(KIND.retired)) this.#retired.add(name as AccountId)
    for (const [, value] of disk.read(KIND.account)) this.#set(decode<A>(value))
  }

  async put(flusher: Flusher, given: A): Promise<PutAccountOutcome> {
    const value = encodePlainData(given)
    // What a restart would read, so that it makes no difference.
    const account = decode<A>(value)
    const { id, username, asset } = account
    const former = this.byId.get(id)
    if (this.#retired.has(id)) return 'id-retired'
    if (former && (former.asset.code !== asset.code || former.asset.scale !== asset.scale)) {
      return 'asset-fixed'
    }
    if ((this.byUsername.get(username)?.id ?? id) !== id) return 'username-taken'
    await flusher.write([{ ...this.#removal(id), value }])
    this.#set(account)
    this.feed.announce({ id, account })
    return 'stored'
  }

  async remove(flusher: Flusher, id: AccountId): Promise<void> {
    const account = this.byId.get(id)
    if (!account) return
    const retired: Change = { key: keyOf(KIND.retired, id), value: Buffer.alloc(0), former: undefined }
    await flusher.write([this.#removal(id), retired, ...this.#credentials.removals(id)])
    this.byId.delete(id)
    this.byUsername.delete(account.username)
    this.#retired.add(id)
    this.#credentials.remove(id)
    this.feed.announce({ id, account: undefined })
  }

  #set(account: A): void {
    const former = this.byId.get(account.id)
    if (former) this.byUsername.delete(former.username)
    this.byUsername.set(account.username, account)
    this.byId.set(account.id, account)
  }

  #removal(id: AccountId): Change {
    const account = this.byId.get(id)
    const former = account && encodePlainData(account)
    return { key: keyOf(KIND.account, id), value: undefined, former }
  }
}

const decode = <A>(value: Buffer): A => frozen(decodePlainData(value) as A)

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

export function lmdbAccounts<A extends StoredAccount>(
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
    put: account => handle.change(flusher => accounts.put(flusher, account)),
    remove: id => handle.change(flusher => accounts.remove(flusher, id)),
    watch: handle.watch(accounts.feed),
  }
}
