import {
  createMetrics,
  exposeBalances,
  exposeOwners,
  incomingWatcher,
  type Metrics,
  type Owners,
  observe,
  observedStore,
  observeOutgoing,
  outgoingWatcher,
  packetMetrics,
  processMetrics,
  registeredTracer,
} from '@ilp/observe'
import {
  type IncomingRequest,
  type Lifecycle,
  type Logger,
  type OutgoingRequest,
  type PacketWatcher,
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
  /** Traces what comes in and what goes out. */
  readonly incoming: Pass<IncomingRequest>
  readonly outgoing: Pass<OutgoingRequest>
  /** Count it. */
  readonly watchers: Watchers
  /** Has these tell their figures at each scrape. */
  readonly show: (owners: Owners) => void
}

export interface Watchers {
  readonly incoming?: PacketWatcher<IncomingRequest>
  readonly outgoing?: PacketWatcher<OutgoingRequest>
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
    return {
      metrics,
      store,
      incoming: inner => inner,
      outgoing: inner => inner,
      watchers: {},
      show: () => {},
    }
  }
  const packets = packetMetrics(metrics)
  const observed = observedStore(store, metrics)
  exposeBalances(metrics, observed)
  return {
    ...sequence(traces ? [processMetrics(metrics), traces] : [processMetrics(metrics)]),
    metrics,
    store: observed,
    incoming: observe({ tracer }, wanted && { traceEvery: 1 / wanted.sample }),
    outgoing: observeOutgoing({ tracer }),
    watchers: { incoming: incomingWatcher(packets), outgoing: outgoingWatcher(packets) },
    show: owners => exposeOwners(metrics, traces ? { ...owners, traces: traces.stats } : owners),
  }
}

/** The accounts whose peer is dialled. */
export const dialledAccounts = ({ accounts }: Pick<Store<ConnectorAccount>, 'accounts'>) =>
  accounts
    .all()
    .filter(({ btp, isDisabled }) => btp?.outgoingUrl !== undefined && !isDisabled)
    .map(({ id }) => id)
