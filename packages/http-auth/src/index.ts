/**
 * Says whose an HTTP request is, by bearer token, by JSON Web Token, or by the client's certificate; and mints the JSON
 * Web Tokens of requests that go out.
 *
 * @module
 */
export { type BearerTokensDeps, bearerTokens } from './bearer-tokens.js'
export {
  type ClientCertificate,
  type ClientCertificatesAccount,
  type ClientCertificatesDeps,
  clientCertificates,
} from './client-certificates.js'
export {
  JSON_WEB_TOKENS_DEFAULTS,
  type JsonWebTokensDeps,
  type JsonWebTokensOptions,
  type JwtKey,
  jsonWebTokens,
  type TrustedJwt,
} from './json-web-tokens.js'
export type { KeySetsOptions } from './key-sets.js'
export {
  type JwtSigningKey,
  MINTED_TOKENS_DEFAULTS,
  type MintedJwt,
  type MintedTokens,
  type MintedTokensDeps,
  type MintedTokensOptions,
  mintedTokens,
} from './minted-tokens.js'
export { firstOf, type Scheme } from './scheme.js'
