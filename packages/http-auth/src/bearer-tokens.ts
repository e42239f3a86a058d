import { type AccountId, lifecycle } from '@ilp/service-core'
import type { CredentialStore } from '@ilp/store-traits'
import { bearerToken } from './authorization.js'
import { KnownTokens } from './known-tokens.js'
import type { Scheme } from './scheme.js'

export interface BearerTokensDeps {
  readonly credentials: Pick<CredentialStore, 'authenticate' | 'watch'>
}

/**
 * Bearer tokens (RFC 6750) that the credential store has for the link `http`. From its start to its stop it knows a
 * connection by the token that it presented last, until tokens change.
 */
export function bearerTokens({ credentials }: BearerTokensDeps): Scheme {
  const tokens = new KnownTokens()
  let unwatch: (() => void) | undefined

  const look = (connection: object, authorization: string): AccountId | undefined => {
    const token = bearerToken(authorization)
    const owner = token === undefined ? undefined : credentials.authenticate('http', token)
    // Nobody would say when the token is good no more, unless the store is watched.
    if (owner !== undefined && unwatch) tokens.remember(connection, authorization, owner)
    return owner
  }

  const { start, stop } = lifecycle({
    start: async () => {
      unwatch = credentials.watch(() => tokens.forget())
    },
    stop: async () => {
      unwatch?.()
      unwatch = undefined
      tokens.forget()
    },
  })
  return {
    authenticate: ({ socket, headers: { authorization } }) =>
      authorization === undefined
        ? undefined
        : (tokens.account(socket, authorization) ?? look(socket, authorization)),
    start,
    stop,
  }
}
