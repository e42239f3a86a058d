import { type AccountId, type Asset, accountId, type Relation } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { ChildOptions } from './options.js'

/** The parent, or one of this node's own. */
export interface ChildAccount {
  readonly id: AccountId
  readonly username: string
  readonly relation: Relation
  readonly asset: Asset
  readonly minBalance?: bigint
  /** A parent is told no routes: it knows the address that it has given. */
  readonly sendRoutes?: boolean
  readonly btp?: { readonly outgoingUrl: string }
}

const RESERVED = ['parent', 'self']
const USERNAME = /^[A-Za-z0-9_~-]{1,64}$/

export const parentAccount = ({ asset, parent: { url, minBalance = 0n } }: ChildOptions): ChildAccount => {
  if (minBalance > 0n) throw new RangeError(`parent.minBalance is ${minBalance}, expected 0 or less`)
  return { ...account('parent', 'parent', asset), minBalance, sendRoutes: false, btp: { outgoingUrl: url } }
}

export const localAccount = (username: string, asset: Asset): ChildAccount => {
  if (!USERNAME.test(username) || RESERVED.includes(username)) {
    throw new RangeError(`${JSON.stringify(username)} can not be the username of an account`)
  }
  return account(username, 'local', asset)
}

/** The account that this node's own questions to the parent come from. */
export const selfAccount = ({ asset }: ChildAccount): ChildAccount => account('self', 'local', asset)

const account = (username: string, relation: Relation, asset: Asset): ChildAccount => ({
  id: accountId(username),
  username,
  relation,
  asset,
})

/**
 * Brings the accounts and their tokens into the store.
 * @throws RangeError when two accounts have one token
 */
export async function enter(
  accounts: readonly ChildAccount[],
  { parent, accounts: named }: ChildOptions,
  store: Pick<Store<ChildAccount>, 'accounts' | 'credentials'>,
): Promise<void> {
  for (const account of accounts) {
    await store.accounts.put(account)
    if (account.relation === 'parent') {
      await store.credentials.setOutgoingToken(account.id, 'btp', parent.token)
      continue
    }
    const tokens = named.find(({ username }) => username === account.username)?.tokens ?? []
    const outcome = await store.credentials.setIncomingTokens(account.id, 'http', tokens)
    if (outcome === 'token-taken') throw new RangeError(`another account has a token of ${account.username}`)
  }
}
