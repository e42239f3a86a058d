/**
 * A child connector for a laptop: one BTP link to its parent, accounts of its own, no public port.
 *
 * @module
 */
export type { ChildAccount } from './accounts.js'
export { createChildConnector } from './child-connector.js'
export type { ChildConnector, ChildDeps, ChildOptions } from './options.js'
