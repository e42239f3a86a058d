import { createPublicKey, type KeyObject } from 'node:crypto'
import { type AccountId, type Logger, silentLogger } from '@ilp/service-core'
import { decodeJwt, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { bearerToken } from './authorization.js'
import { checkNumbers, secretKey } from './checks.js'
import { type KeySetsOptions, keySet } from './key-sets.js'
import { KnownTokens } from './known-tokens.js'
import type { Scheme } from './scheme.js'

/** What a peer signs its tokens with. */
export type JwtKey =
  /** HMAC with a shared secret of 32 octets or more; a text stands for its UTF-8. */
  | { readonly algorithm: 'HS256'; readonly secret: string | Uint8Array }
  /** RSA, by the keys of the JSON Web Key Set at an `https` or `http` URL. */
  | { readonly algorithm: 'RS256'; readonly jwksUrl: string }
  /** Ed25519, by one public key in PEM (SPKI). */
  | { readonly algorithm: 'EdDSA'; readonly publicKey: string }

/** Tokens that are good for an account. */
export interface TrustedJwt {
  readonly account: AccountId
  readonly key: JwtKey
  /** What `sub` has to be. */
  readonly subject: string
  /** What `iss` has to be; unless given, it may be anything. */
  readonly issuer?: string | undefined
  /** What `aud` has to be or hold; unless given, it may be anything. */
  readonly audience?: string | undefined
}

export interface JsonWebTokensOptions extends KeySetsOptions {
  /** How far ahead a token's `exp` may be. */
  readonly lifetimeMaxMs: number
  /** How far a peer's clock may be off. */
  readonly clockToleranceMs: number
}

export const JSON_WEB_TOKENS_DEFAULTS: JsonWebTokensOptions = Object.freeze({
  lifetimeMaxMs: 86_400_000,
  clockToleranceMs: 5_000,
  jwksTimeoutMs: 5_000,
  jwksBytesMax: 65_536,
  jwksMaxAgeMs: 600_000,
  jwksRetryMs: 30_000,
})

export interface JsonWebTokensDeps {
  readonly logger?: Logger
}

interface Verifier {
  readonly trusted: TrustedJwt
  readonly algorithms: string[]
  readonly key: KeyObject | JWTVerifyGetKey
}

/** How long a connection is known by a token before its signature is looked at again. */
const KNOWN_MS = 60_000
/** Header, payload and signature; the header is a JSON object. */
const FORM = /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/

/**
 * JSON Web Tokens (RFC 7519) as bearer tokens. A token names its account by `sub`, and by `iss` where that is agreed;
 * its algorithm is the account's, whatever it says of itself. `exp` has to be there, and no further ahead than allowed.
 * @throws TypeError for a key that is none of its algorithm, and for two accounts with the same `iss` and `sub`
 * @throws RangeError for a secret that is too short, and for an option that is not a whole number above zero
 */
export function jsonWebTokens(
  trusted: readonly TrustedJwt[],
  { logger = silentLogger }: JsonWebTokensDeps = {},
  options: Partial<JsonWebTokensOptions> = {},
): Scheme {
  const limits = checkNumbers({ ...JSON_WEB_TOKENS_DEFAULTS, ...options })
  const verifiers = verifiersOf(trusted, limits, logger)
  const tokens = new KnownTokens()

  const verify = async (connection: object, authorization: string, token: string) => {
    try {
      const { iss, sub = '' } = decodeJwt(token)
      const verifier = verifiers.get(nameOf(sub, iss)) ?? verifiers.get(nameOf(sub, undefined))
      if (!verifier) return undefined
      const expiresAtMs = await expiryOf(token, verifier, limits)
      if (expiresAtMs > Date.now() + limits.lifetimeMaxMs + limits.clockToleranceMs) return undefined
      const { account } = verifier.trusted
      tokens.remember(connection, authorization, account, Math.min(expiresAtMs, Date.now() + KNOWN_MS))
      return account
    } catch {
      // Whatever is wrong with a token, it is nobody's.
      return undefined
    }
  }
  return {
    authenticate: ({ socket, headers: { authorization } }) => {
      if (authorization === undefined) return undefined
      const known = tokens.account(socket, authorization)
      if (known !== undefined) return known
      const token = bearerToken(authorization)
      return token !== undefined && FORM.test(token) ? verify(socket, authorization, token) : undefined
    },
  }
}

/** @throws JOSEError unless the token is signed with the key, and its claims are as agreed */
async function expiryOf(
  token: string,
  { trusted: { subject, issuer, audience }, algorithms, key }: Verifier,
  { clockToleranceMs }: JsonWebTokensOptions,
): Promise<number> {
  const { payload } = await jwtVerify(token, key, {
    algorithms,
    subject,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    requiredClaims: ['exp', 'sub'],
    clockTolerance: clockToleranceMs / 1_000,
  })
  return (payload.exp as number) * 1_000
}

const nameOf = (subject: string, issuer: string | undefined): string => JSON.stringify([subject, issuer])

function verifiersOf(
  trusted: readonly TrustedJwt[],
  options: JsonWebTokensOptions,
  logger: Logger,
): ReadonlyMap<string, Verifier> {
  const keySets = new Map<string, JWTVerifyGetKey>()
  const keySetAt = (url: string): JWTVerifyGetKey => {
    const known = keySets.get(url) ?? keySet(url, options, logger)
    keySets.set(url, known)
    return known
  }
  const verifiers = new Map<string, Verifier>()
  for (const entry of trusted) {
    const name = nameOf(entry.subject, entry.issuer)
    if (verifiers.has(name)) throw new TypeError(`two accounts have tokens of the subject ${entry.subject}`)
    verifiers.set(name, { trusted: entry, ...keyOf(entry.key, keySetAt) })
  }
  return verifiers
}

function keyOf(
  key: JwtKey,
  keySetAt: (url: string) => JWTVerifyGetKey,
): Pick<Verifier, 'algorithms' | 'key'> {
  if (key.algorithm === 'RS256') return { algorithms: ['RS256'], key: keySetAt(key.jwksUrl) }
  if (key.algorithm === 'HS256') return { algorithms: ['HS256'], key: secretKey(key.secret) }
  const publicKey = createPublicKey(key.publicKey)
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new TypeError('a key for EdDSA is an Ed25519 key')
  // RFC 9864 gave the algorithm a name of its own.
  return { algorithms: ['EdDSA', 'Ed25519'], key: publicKey }
}
