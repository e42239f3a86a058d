import type { AccountId } from '@ilp/service-core'
import {
  type AccountStore,
  AccountTable,
  decodePlainData,
  encodePlainData,
  type PutAccountOutcome,
  type StoredAccount,
} from '@ilp/store-traits'
import type { Credentials } from './credentials.js'
import type { Disk } from './disk.js'
import type { Change, Flusher } from './flusher.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

/** The accounts in memory, and the way to the disk, where they are plain data. */
export class Accounts<A extends StoredAccount> {
  readonly table = new AccountTable<A>()
  readonly #credentials: Credentials

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  load(disk: Disk): void {
    for (const [name] of disk.read(KIND.retired)) this.table.retire(name as AccountId)
    for (const [, value] of disk.read(KIND.account)) this.table.set(decodePlainData(value.toString()) as A)
  }

  async put(flusher: Flusher, given: A): Promise<PutAccountOutcome> {
    const text = encodePlainData(given)
    // What a restart would read, so that it makes no difference.
    const account = decodePlainData(text) as A
    const outcome = this.table.judge(account)
    if (outcome !== 'stored') return outcome
    await flusher.write([{ ...this.#removal(account.id), value: Buffer.from(text) }])
    this.table.set(account)
    this.table.feed.announce({ id: account.id, account })
    return 'stored'
  }

  async remove(flusher: Flusher, id: AccountId): Promise<void> {
    if (!this.table.get(id)) return
    const retired: Change = { key: keyOf(KIND.retired, id), value: Buffer.alloc(0), former: undefined }
    await flusher.write([this.#removal(id), retired, ...this.#credentials.removals(id)])
    this.table.retire(id)
    const announceTokens = this.#credentials.table.remove(id)
    announceTokens()
    this.table.feed.announce({ id, account: undefined })
  }

  #removal(id: AccountId): Change {
    const account = this.table.get(id)
    const former = account && Buffer.from(encodePlainData(account))
    return { key: keyOf(KIND.account, id), value: undefined, former }
  }
}

export function lmdbAccounts<A extends StoredAccount>(
  handle: Handle,
  accounts: Accounts<A>,
): AccountStore<A> {
  const { table } = accounts
  return {
    get: id => {
      handle.check()
      return table.get(id)
    },
    byUsername: username => {
      handle.check()
      return table.byUsername(username)
    },
    all: () => {
      handle.check()
      return table.all()
    },
    put: account => handle.change(flusher => accounts.put(flusher, account)),
    remove: id => handle.change(flusher => accounts.remove(flusher, id)),
    watch: handle.watch(table.feed),
  }
}
