import { bearerTokens, clientCertificates, firstOf, jsonWebTokens, type TrustedJwt } from '@ilp/http-auth'
import { accountId, type Logger } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

/** All that a peer may present over HTTP: tokens of ours, tokens that it signs itself, its certificate. */
export const httpAuthentication = (
  config: Config,
  { accounts, credentials }: Pick<Store<ConnectorAccount>, 'accounts' | 'credentials'>,
  logger: Logger,
) =>
  firstOf([
    bearerTokens({ credentials }),
    jsonWebTokens(trustedJwts(config), { logger }),
    clientCertificates({ accounts }),
  ])

const trustedJwts = ({ accounts }: Config): TrustedJwt[] =>
  accounts.flatMap(({ username, id = username, http }) => {
    if (!http?.incomingJwt) return []
    const { subject = username, issuer, audience, ...key } = http.incomingJwt
    return [{ account: accountId(id), subject, issuer, audience, key }]
  })
