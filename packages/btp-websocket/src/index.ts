/**
 * Message ports over WebSockets, as `btp-server` and `btp-client` use them: accepted from an HTTP upgrade or dialled,
 * with a heartbeat and batched writes.
 *
 * @module
 */
export { type Acceptor, createAcceptor } from './accept.js'
export { type DialOptions, dial } from './dial.js'
export { WEB_SOCKET_DEFAULTS, type WebSocketOptions } from './options.js'
