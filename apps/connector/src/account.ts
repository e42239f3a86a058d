import type { ClientCertificate } from '@ilp/http-auth'
import type { HttpMode } from '@ilp/http-client'
import type { RateLimit } from '@ilp/rate-limit'
import { type AccountId, type Asset, accountId, type Relation } from '@ilp/service-core'
import type { SettlementSettings } from '@ilp/settlement'
import type { StoredAccount } from '@ilp/store-traits'
import { type AccountConfig, minBalanceOf } from './config/schema.js'

/** The reference connector's account: everything that one of its services reads. */
export interface ConnectorAccount extends StoredAccount {
  readonly id: AccountId
  readonly username: string
  readonly asset: Asset
  readonly relation: Relation
  /** The peer's own ILP address. Of a child or local account without one: this node's address and the username. */
  readonly ilpAddress?: string | undefined
  readonly minBalance?: bigint | undefined
  readonly maxBalance?: bigint | undefined
  readonly maxPacketAmount?: bigint | undefined
  readonly rateLimit?: RateLimit | undefined
  readonly outgoingRateLimit?: RateLimit | undefined
  readonly sendRoutes?: boolean | undefined
  readonly receiveRoutes?: boolean | undefined
  readonly settlement?: SettlementSettings | undefined
  /** It keeps its balance, and takes part in nothing: by the operator, or since the configuration has it no more. */
  readonly isDisabled?: boolean | undefined
  /** Who manages it: the configuration file, unless it says `api`. */
  readonly origin?: 'file' | 'api' | undefined
  /** The request that made it, if it had a key. */
  readonly creation?: Creation | undefined
  /** Prefixes of static routes to it that the API has made. */
  readonly apiRoutes?: readonly string[] | undefined
  readonly http?:
    | {
        readonly outgoingUrl?: string | undefined
        readonly mode?: HttpMode | undefined
        readonly callbackUrl?: string | undefined
        readonly incomingCertificates?: readonly ClientCertificate[] | undefined
      }
    | undefined
  readonly btp?: { readonly outgoingUrl?: string | undefined } | undefined
}

/** By which a request to make an account is known when it comes again. */
export interface Creation {
  /** Keyed hashes of the request's idempotency key, and of all that it says. */
  readonly key: string
  readonly fingerprint: string
  /** Whether all of it was done. */
  readonly isComplete: boolean
}

export function accountFromConfig(config: AccountConfig): ConnectorAccount {
  const {
    username,
    id = username,
    relation,
    ilpAddress,
    asset,
    maxBalance,
    maxPacketAmount,
    rateLimit,
    outgoingRateLimit,
    sendRoutes,
    receiveRoutes,
    settlement,
    http,
    btp,
  } = config
  return {
    id: accountId(id),
    username,
    relation,
    ilpAddress,
    asset,
    minBalance: minBalanceOf(config),
    maxBalance,
    maxPacketAmount,
    rateLimit,
    outgoingRateLimit,
    sendRoutes,
    receiveRoutes,
    settlement,
    http: http && {
      outgoingUrl: http.outgoing?.url,
      mode: http.outgoing?.mode,
      callbackUrl: http.callbackUrl,
      incomingCertificates: http.incomingCertificates,
    },
    btp: btp && { outgoingUrl: btp.outgoing?.url },
  }
}

/** The account that this node's own packets to a peer come from. */
export const ownAccount = ({ asset }: Pick<ConnectorAccount, 'asset'>): ConnectorAccount => ({
  id: accountId('self'),
  username: 'self',
  relation: 'local',
  asset,
})

/** The account's ILP address, undefined while it isn't known. */
export function addressOf(account: ConnectorAccount, nodeAddress: string | undefined): string | undefined {
  if (account.ilpAddress !== undefined) return account.ilpAddress
  const isBelow = account.relation === 'child' || account.relation === 'local'
  return isBelow && nodeAddress !== undefined ? `${nodeAddress}.${account.username}` : undefined
}
