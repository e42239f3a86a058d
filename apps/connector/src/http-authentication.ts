import {
  bearerTokens,
  clientCertificates,
  firstOf,
  jsonWebTokens,
  type MintedJwt,
  mintedTokens,
  type TrustedJwt,
} from '@ilp/http-auth'
import { accountId, type Logger, sequence } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

/**
 * All that a peer may present over HTTP: tokens of ours, tokens that it signs itself, its certificate; and what this
 * node presents: tokens of theirs, or tokens that it signs itself.
 */
export function httpAuthentication(
  config: Config,
  { accounts, credentials }: Pick<Store<ConnectorAccount>, 'accounts' | 'credentials'>,
  logger: Logger,
) {
  const incoming = firstOf([
    bearerTokens({ credentials }),
    jsonWebTokens(trustedJwts(config), { logger }),
    clientCertificates({ accounts }),
  ])
  const outgoing = mintedTokens(mintedJwts(config), { credentials })
  return {
    ...sequence([incoming, outgoing]),
    authenticate: incoming.authenticate,
    outgoingToken: outgoing.outgoingToken,
  }
}

const trustedJwts = ({ accounts }: Config): TrustedJwt[] =>
  accounts.flatMap(({ username, id = username, http }) => {
    if (!http?.incomingJwt) return []
    const { subject = username, issuer, audience, ...key } = http.incomingJwt
    return [{ account: accountId(id), subject, issuer, audience, key }]
  })

const mintedJwts = ({ accounts }: Config): MintedJwt[] =>
  accounts.flatMap(({ username, id = username, http }) => {
    if (!http?.outgoing?.jwt) return []
    const { subject, issuer, audience, keyId, ...key } = http.outgoing.jwt
    return [{ account: accountId(id), subject, issuer, audience, keyId, key }]
  })
