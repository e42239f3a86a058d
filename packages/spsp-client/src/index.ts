/**
 * Asks payment pointers (RFC 26) and SPSP endpoints (RFC 9) whom to pay, and shows who was asked.
 *
 * @module
 */
export type { SpspAnswer } from './answer.js'
export { SpspError, type SpspErrorCode } from './error.js'
export { SPSP_CLIENT_DEFAULTS, type SpspClientOptions } from './options.js'
export { resolvePointer } from './pointer.js'
export {
  createSpspClient,
  type ReceiptSetup,
  type SpspClient,
  type SpspClientDeps,
  type SpspQuery,
} from './spsp-client.js'
