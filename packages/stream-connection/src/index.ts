/**
 * STREAM connections (RFC 29): money and bytes between two applications, on many streams, both ways.
 *
 * @module
 */
export type { Rate } from '@ilp/stream-path'
export type { Connection, RejectInfo } from './connection.js'
export {
  type ClientOptions,
  CONNECT_TIMEOUT_MS,
  type ConnectionDeps,
  createConnection,
} from './create-connection.js'
export {
  CONNECTIONS_MAX,
  type CredentialSource,
  createServer,
  type ServerCredentials,
  type ServerDeps,
  type ServerOptions,
  type ServerTerms,
  type StreamServer,
} from './create-server.js'
export { StreamError, type StreamErrorCode } from './errors.js'
export type { ReceiptSetup } from './frames.js'
export { type ChainLink, type ChainLinkDeps, chainLink, type Link, type PacketHandler } from './link.js'
export { type ClassicPlugin, createPluginLink, type PluginLink } from './plugin-link.js'
export type { Accept, Offer } from './receiving.js'
export { CONNECTION_DEFAULTS, type ConnectionOptions } from './settings.js'
export type { Stream, StreamEvents, WaitOptions } from './stream.js'
