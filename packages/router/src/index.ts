/**
 * Finds the next hop: a routing table with the longest prefix, and the middleware that makes an outgoing request of
 * an incoming one.
 *
 * @module
 */
export { type RouterAccount, type RouterDeps, router } from './router.js'
export { createRoutingTable, type RoutingTable } from './routing-table.js'
