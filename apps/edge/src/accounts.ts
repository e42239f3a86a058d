import type { HttpClientAccount } from '@ilp/http-client'
import type { HttpServerAccount } from '@ilp/http-server'
import type { RateLimit } from '@ilp/rate-limit'
import { type AccountId, type Asset, accountId, type Relation } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { EdgeOptions } from './options.js'

/** The connector behind the edge, or a customer before it. */
export interface EdgeAccount {
  readonly id: AccountId
  readonly username: string
  readonly relation: Relation
  readonly asset: Asset
  readonly minBalance: bigint
  readonly maxBalance?: bigint | undefined
  readonly maxPacketAmount?: bigint | undefined
  readonly rateLimit?: RateLimit | undefined
  readonly http?: (HttpClientAccount['http'] & HttpServerAccount['http']) | undefined
}

type Settings = EdgeOptions['accounts'][number]

export const upstreamOf = ({ upstream }: EdgeOptions): Settings => ({ username: 'upstream', ...upstream })

/** Brings an account and its tokens into the store; returns its id. */
export async function enter(
  settings: Settings,
  relation: Relation,
  asset: Asset,
  { accounts, credentials }: Pick<Store<EdgeAccount>, 'accounts' | 'credentials'>,
): Promise<AccountId> {
  const { username, incomingTokens, outgoing, ...limits } = settings
  const id = accountId(username)
  const http = outgoing && { outgoingUrl: outgoing.url }
  await accounts.put({ id, username, relation, asset, ...limits, http })
  if ((await credentials.setIncomingTokens(id, 'http', incomingTokens)) === 'token-taken') {
    throw new Error(`another account has a token of ${username}`)
  }
  await credentials.setOutgoingToken(id, 'http', outgoing?.token)
  return id
}
