/**
 * The reference connector as a library: its configuration, and the connector made of it.
 *
 * @module
 */
export { ConfigError, checkConfig, loadConfig } from './config/load.js'
export type { Config } from './config/schema.js'
export { type Connector, type ConnectorDeps, createConnector } from './connector.js'
