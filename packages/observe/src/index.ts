/**
 * Metrics and traces of a node: the middleware that counts, times and traces packets, a decorator for its store, and the
 * figures that other parts give of themselves, all in one text that Prometheus scrapes.
 *
 * @module
 */
export {
  BALANCES_DEFAULTS,
  type BalanceShownAccount,
  type BalancesDeps,
  type BalancesOptions,
  exposeBalances,
} from './balances.js'
export { createMetrics, type Family, type Labels, type Metrics, type Sample } from './metrics.js'
export {
  OBSERVE_DEFAULTS,
  type ObserveDeps,
  type ObserveOptions,
  observe,
  observeOutgoing,
} from './observe.js'
export { observedStore } from './observed-store.js'
export { type HttpLinkFigures, LINKS_SHOWN_MAX, type LinkFigures } from './owner-links.js'
export { exposeOwners, type Owners } from './owners.js'
export {
  PACKET_METRICS_DEFAULTS,
  type PacketMetrics,
  type PacketMetricsOptions,
  packetMetrics,
} from './packets.js'
export { processMetrics } from './process.js'
export { registeredTracer } from './tracing.js'
export { incomingWatcher, outgoingWatcher } from './watcher.js'
