/**
 * BTP sessions (RFC 23) over ports that carry messages: requests and answers correlated by request id, sessions
 * grouped by account. Knows nothing of sockets; `btp-server` and `btp-client` bring the ports.
 *
 * @module
 */
export { announcingLinks, type LinkWatcher } from './announcing-links.js'
export { BTP_POOL_DEFAULTS, type BtpPoolOptions } from './options.js'
export {
  type BtpLink,
  type BtpLinkStats,
  type BtpPool,
  type BtpPoolDeps,
  createBtpPool,
  type SendRefusal,
} from './pool.js'
export type { CloseReason, MessagePort, PortListener } from './port.js'
export type { PrepareHandler } from './session.js'
