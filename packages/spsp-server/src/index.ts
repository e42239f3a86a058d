/**
 * Tells senders of payments whom to pay: answers SPSP queries (RFC 9) for payment pointers (RFC 26).
 *
 * @module
 */
export {
  type ReceiptSetup,
  SPSP_SERVER_DEFAULTS,
  type SpspReceiver,
  type SpspServerDeps,
  type SpspServerOptions,
  spspServer,
} from './spsp-server.js'
