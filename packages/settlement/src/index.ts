/**
 * Settles balances through settlement engines (RFC 38): messages between engines in ILP packets, what engines ask of
 * the node, and the sending of what the node owes.
 *
 * @module
 */
export type { SettlementAccount, SettlementSettings } from './account.js'
export type { EngineStats } from './engine.js'
export {
  createEngineClient,
  ENGINE_CLIENT_DEFAULTS,
  type EngineAnswer,
  type EngineClient,
  type EngineClientDeps,
  type EngineClientOptions,
  type EngineReply,
  type EngineSilence,
} from './engine-client.js'
export { SETTLEMENT_DEFAULTS, type SettlementDeps, type SettlementOptions, settlement } from './settlement.js'
export {
  SETTLEMENT_SERVER_DEFAULTS,
  type SettlementServerDeps,
  type SettlementServerOptions,
  settlementServer,
} from './settlement-server.js'
export {
  createSettler,
  SETTLER_DEFAULTS,
  type Settler,
  type SettlerDeps,
  type SettlerOptions,
  type SettlerStats,
} from './settler.js'
