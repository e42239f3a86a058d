import type { AccountId } from '@ilp/service-core'
import type { AccountChange, AccountStore, PutAccountOutcome, StoredAccount } from '../accounts.js'
import { Feed } from '../feed.js'

/** Accounts in memory, as a store that serves one process looks them up and checks them. It announces nothing by itself. */
export class AccountTable<A extends StoredAccount>
  implements Pick<AccountStore<A>, 'get' | 'byUsername' | 'all'>
{
  readonly feed = new Feed<AccountChange<A>>()
  readonly #byId = new Map<AccountId, A>()
  readonly #byUsername = new Map<string, A>()
  readonly #retired = new Set<AccountId>()

  readonly get = (id: AccountId): A | undefined => this.#byId.get(id)

  readonly byUsername = (username: string): A | undefined => this.#byUsername.get(username)

  readonly all = (): readonly A[] => [...this.#byId.values()]

  /** What becomes of an account that is put. Changes nothing. */
  judge({ id, username, asset }: A): PutAccountOutcome {
    if (this.#retired.has(id)) return 'id-retired'
    const former = this.#byId.get(id)
    if (former && (former.asset.code !== asset.code || former.asset.scale !== asset.scale))
      return 'asset-fixed'
    return (this.#byUsername.get(username)?.id ?? id) === id ? 'stored' : 'username-taken'
  }

  /** Creates or replaces an account that is judged to be `stored`. */
  set(account: A): void {
    const former = this.#byId.get(account.id)
    if (former) this.#byUsername.delete(former.username)
    this.#byUsername.set(account.username, account)
    this.#byId.set(account.id, account)
  }

  /** Removes the account, if there is one, and retires its id. */
  retire(id: AccountId): void {
    const account = this.#byId.get(id)
    if (account) this.#byUsername.delete(account.username)
    this.#byId.delete(id)
    this.#retired.add(id)
  }
}
