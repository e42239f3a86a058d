import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type AccountId, type Disposable, lifecycle } from '@ilp/service-core'
import type { CredentialStore } from '@ilp/store-traits'
import { SignJWT } from 'jose'
import { checkNumbers, secretKey } from './checks.js'

/** What this node signs its tokens with. */
export type JwtSigningKey =
  /** HMAC with a secret of 32 octets or more that the peer has as well; a text stands for its UTF-8. */
  | { readonly algorithm: 'HS256'; readonly secret: string | Uint8Array }
  /** A private key in PEM: RSA of 2048 bits or more, or Ed25519. */
  | { readonly algorithm: 'RS256' | 'EdDSA'; readonly privateKey: string }

/** The tokens that a peer is presented. */
export interface MintedJwt {
  readonly account: AccountId
  readonly key: JwtSigningKey
  /** `sub`: how the peer knows this node. */
  readonly subject: string
  /** `iss` and `aud`; left out unless given. */
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** `kid` of the header, by which the peer finds the key in a set. */
  readonly keyId?: string | undefined
}

export interface MintedTokensOptions {
  /** How long a token is good. */
  readonly lifetimeMs: number
  /** How long before its end it makes way for the next one: a request under way, or a clock that is ahead, has that. */
  readonly marginMs: number
}

export const MINTED_TOKENS_DEFAULTS: MintedTokensOptions = Object.freeze({
  lifetimeMs: 300_000,
  marginMs: 60_000,
})

export interface MintedTokensDeps {
  /** What all other accounts present. */
  readonly credentials: Pick<CredentialStore, 'outgoingToken'>
}

/** The outgoing tokens of accounts, of those alone that are minted once it has started. */
export interface MintedTokens extends Disposable {
  readonly outgoingToken: CredentialStore['outgoingToken']
}

interface Minter {
  readonly token: Omit<MintedJwt, 'key'> & { readonly algorithm: JwtSigningKey['algorithm'] }
  readonly key: KeyObject
}

/**
 * JSON Web Tokens (RFC 7519) that this node signs itself, in place of the `http` tokens of the accounts. Each is short
 * lived, and there is a next one before it ends: what asks for a token never waits.
 * @throws TypeError for a key that is none of its algorithm
 * @throws RangeError for a key that is too short, and for an option that is not a whole number above zero
 */
export function mintedTokens(
  minted: readonly MintedJwt[],
  { credentials }: MintedTokensDeps,
  options: Partial<MintedTokensOptions> = {},
): MintedTokens {
  const { lifetimeMs, marginMs } = checkNumbers({ ...MINTED_TOKENS_DEFAULTS, ...options })
  if (marginMs >= lifetimeMs) throw new RangeError('marginMs is not below lifetimeMs')
  const minters = minted.map(
    ({ key, ...token }): Minter => ({
      token: { ...token, algorithm: key.algorithm },
      key: keyOf(key),
    }),
  )
  const tokens = new Map<AccountId, string>()
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  const mintAll = async (): Promise<void> => {
    const expiresAtMs = Date.now() + lifetimeMs
    for (const minter of minters) tokens.set(minter.token.account, await mint(minter, expiresAtMs))
    if (!isStopped) timer = setTimeout(() => void mintAll(), lifetimeMs - marginMs)
  }
  return {
    ...lifecycle({
      start: async () => {
        if (minters.length > 0) await mintAll()
      },
      stop: async () => {
        isStopped = true
        clearTimeout(timer)
        tokens.clear()
      },
    }),
    outgoingToken: (account, link) =>
      (link === 'http' ? tokens.get(account) : undefined) ?? credentials.outgoingToken(account, link),
  }
}

function mint({ token, key }: Minter, expiresAtMs: number): Promise<string> {
  const { algorithm, subject, issuer, audience, keyId } = token
  const jwt = new SignJWT()
    .setProtectedHeader({ alg: algorithm, ...(keyId !== undefined && { kid: keyId }) })
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(Math.floor(expiresAtMs / 1_000))
  if (issuer !== undefined) jwt.setIssuer(issuer)
  if (audience !== undefined) jwt.setAudience(audience)
  return jwt.sign(key)
}

const RSA_BITS_MIN = 2_048

function keyOf(key: JwtSigningKey): KeyObject {
  if (key.algorithm === 'HS256') return secretKey(key.secret)
  const privateKey = createPrivateKey(key.privateKey)
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = privateKey
  if (key.algorithm === 'EdDSA') {
    if (type !== 'ed25519') throw new TypeError('a key for EdDSA is an Ed25519 key')
    return privateKey
  }
  if (type !== 'rsa') throw new TypeError('a key for RS256 is an RSA key')
  if ((details?.modulusLength ?? 0) < RSA_BITS_MIN)
    throw new RangeError(`a key for RS256 has ${RSA_BITS_MIN} bits or more`)
  return privateKey
}
