/**
 * The route manager: exchanges routes with peers (CCP), and keeps the best of each prefix in the routing table.
 *
 * @module
 */
export { type Ccp, createCcp } from './ccp.js'
export type { CcpAccount, CcpDeps, RouteSink } from './deps.js'
export { CCP_DEFAULTS, type CcpOptions, HOLD_DOWN_MAX_MS } from './options.js'
