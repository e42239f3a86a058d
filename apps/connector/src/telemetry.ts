import {
  createMetrics,
  exposeBalances,
  exposeOwners,
  type Metrics,
  type Owners,
  observe,
  observedStore,
  observeOutgoing,
  packetMetrics,
  processMetrics,
  registeredTracer,
} from '@ilp/observe'
import type { IncomingRequest, Lifecycle, OutgoingRequest, Pass } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'

export interface Telemetry extends Partial<Lifecycle> {
  readonly metrics: Metrics
  /** The store, with its calls counted. */
  readonly store: Store<ConnectorAccount>
  readonly incoming: Pass<IncomingRequest>
  readonly outgoing: Pass<OutgoingRequest>
  /** Has these tell their figures at each scrape. */
  readonly show: (owners: Owners) => void
}

/**
 * Counts what the admin listener shows, and traces where an OpenTelemetry SDK has been registered. Where neither is
 * there, nothing is counted and nothing costs anything.
 */
export function telemetryOf({ adminListen }: Config, store: Store<ConnectorAccount>): Telemetry {
  const metrics = createMetrics()
  const tracer = registeredTracer()
  if (!adminListen && !tracer) {
    return { metrics, store, incoming: inner => inner, outgoing: inner => inner, show: () => {} }
  }
  const packets = packetMetrics(metrics)
  const observed = observedStore(store, metrics)
  exposeBalances(metrics, observed)
  return {
    ...processMetrics(metrics),
    metrics,
    store: observed,
    incoming: observe({ packets, tracer }),
    outgoing: observeOutgoing({ packets, tracer }),
    show: owners => exposeOwners(metrics, owners),
  }
}

/** The accounts whose peer is dialled. */
export const dialledAccounts = ({ accounts }: Pick<Store<ConnectorAccount>, 'accounts'>) =>
  accounts
    .all()
    .filter(({ btp, isDisabled }) => btp?.outgoingUrl !== undefined && !isDisabled)
    .map(({ id }) => id)
