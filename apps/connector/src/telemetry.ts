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
import {
  type IncomingRequest,
  type Lifecycle,
  type Logger,
  type OutgoingRequest,
  type Pass,
  sequence,
} from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import type { ConnectorAccount } from './account.js'
import type { Config } from './config/schema.js'
import { createTraces } from './traces.js'

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
 * Counts what the admin listener shows, and traces where the configuration says where to, or an OpenTelemetry SDK has
 * been registered. Where none of that is there, nothing is counted and nothing costs anything.
 */
export function telemetryOf(
  { adminListen, telemetry: { traces: wanted } }: Config,
  store: Store<ConnectorAccount>,
  logger: Logger,
): Telemetry {
  const metrics = createMetrics()
  const traces = wanted && createTraces(wanted.url, logger)
  const tracer = traces?.tracer ?? registeredTracer()
  if (!adminListen && !tracer) {
    return { metrics, store, incoming: inner => inner, outgoing: inner => inner, show: () => {} }
  }
  const packets = packetMetrics(metrics)
  const observed = observedStore(store, metrics)
  exposeBalances(metrics, observed)
  return {
    ...sequence(traces ? [processMetrics(metrics), traces] : [processMetrics(metrics)]),
    metrics,
    store: observed,
    incoming: observe({ packets, tracer }, wanted && { traceEvery: 1 / wanted.sample }),
    outgoing: observeOutgoing({ packets, tracer }),
    show: owners => exposeOwners(metrics, traces ? { ...owners, traces: traces.stats } : owners),
  }
}

/** The accounts whose peer is dialled. */
export const dialledAccounts = ({ accounts }: Pick<Store<ConnectorAccount>, 'accounts'>) =>
  accounts
    .all()
    .filter(({ btp, isDisabled }) => btp?.outgoingUrl !== undefined && !isDisabled)
    .map(({ id }) => id)
