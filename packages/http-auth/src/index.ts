/**
 * Says whose an HTTP request is: by bearer token, by JSON Web Token, or by the client's certificate.
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
export { firstOf, type Scheme } from './scheme.js'
