/**
 * The BTP side of a node's incoming packets (RFC 23): lets clients in, and hands the Prepares of all BTP sessions to
 * the chain.
 *
 * @module
 */
export {
  type BtpServerAccount,
  type BtpServerDeps,
  btpServer,
  type UpgradeHandler,
  type UpgradeListener,
} from './btp-server.js'
export { BTP_SERVER_DEFAULTS, type BtpServerOptions } from './options.js'
