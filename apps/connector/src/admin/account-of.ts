import type { ConnectorAccount } from '../account.js'
import type { AdminDeps } from './deps.js'
import type { Params } from './endpoint.js'
import { Problem } from './problem.js'

interface Accounts {
  readonly accounts: Pick<AdminDeps['store']['accounts'], 'byUsername'>
}

/**
 * The account that a path is about.
 * @throws Problem 404
 */
export function accountOf({ accounts }: Accounts, { username = '' }: Params): ConnectorAccount {
  const account = accounts.byUsername(username)
  if (!account) throw new Problem(404, 'no account of this username')
  return account
}

/**
 * The same, where it is to be changed.
 * @throws Problem 404; 409 for an account of the configuration file
 */
export function changeableAccount(store: Accounts, params: Params): ConnectorAccount {
  const account = accountOf(store, params)
  if (account.origin === 'api') return account
  throw new Problem(409, 'the configuration file manages this account')
}
