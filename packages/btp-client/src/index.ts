/**
 * The BTP side of a node's outgoing packets (RFC 23): sends over open sessions, and dials the peers that are to be
 * dialled.
 *
 * @module
 */
export { type BtpClientAccount, type BtpClientDeps, btpClient } from './btp-client.js'
export { BTP_CLIENT_DEFAULTS, type BtpClientOptions } from './options.js'
