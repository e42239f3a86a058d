/**
 * npm's Interledger packages as counterparts in tests and benchmarks, and a load generator for BTP.
 *
 * @module
 */

export { runBtpLoad } from './btp-load.js'
export {
  createBtpPlugin,
  type DiallingOptions,
  type ListeningOptions,
  type ListeningPlugin,
  type Plugin,
} from './btp-plugin.js'
export { bundleProgram } from './bundle.js'
export type { Child } from './child.js'
export { cpuMicros } from './cpu.js'
export { freePorts } from './free-ports.js'
export {
  type IlpConnector,
  type IlpConnectorAccount,
  type IlpConnectorOptions,
  startIlpConnector,
} from './ilp-connector.js'
export type { BtpPeer } from './load/btp-socket.js'
export type { LoadOptions, LoadResult } from './load/load.js'
export { type LocalPlugin, type LocalPluginOptions, localPlugin } from './local-plugin.js'
export { startProgram } from './program.js'
export { type SettlementEngine, type SettlementEngineOptions, settlementEngine } from './settlement-engine.js'
export {
  type MoneyStream,
  type StreamConnection,
  type StreamConnectionOptions,
  type StreamModule,
  type StreamServer,
  type StreamServerOptions,
  streamCompat,
} from './stream-compat.js'
