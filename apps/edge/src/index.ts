/**
 * An edge over HTTP alone: customers on one side, one connector on the other, balances between.
 *
 * @module
 */
export { createEdge, type Edge, type EdgeDeps } from './edge.js'
export { checkOptions, type EdgeOptions } from './options.js'
