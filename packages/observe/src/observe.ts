import type { IncomingRequest, OutgoingRequest, Pass, Reply, Service } from '@ilp/service-core'
import type { Tracer } from '@opentelemetry/api'
import type { Cells } from './cells.js'
import type { PacketMetrics } from './packets.js'
import { tracingIncoming, tracingOutgoing } from './tracing.js'

export interface ObserveDeps {
  /** What packets are counted in. */
  readonly packets: PacketMetrics
  /** Makes the spans, as `registeredTracer` gives it; without one there are none. The same one for both directions. */
  readonly tracer?: Pick<Tracer, 'startSpan'> | undefined
}

export interface ObserveOptions {
  /** One packet in so many gets a span: the first, and every so-manieth after it, on the average. 1 or more. */
  readonly traceEvery: number
}

export const OBSERVE_DEFAULTS: ObserveOptions = { traceEvery: 100 }

/**
 * Counts and times the packets that come in, by the account they come from, and traces one in `traceEvery`. It passes on
 * the inner promise as it is, and changes nothing of request or reply.
 * @throws RangeError when an option is no number from 1 up
 */
export function observe(
  { packets, tracer }: ObserveDeps,
  options: Partial<ObserveOptions> = {},
): Pass<IncomingRequest> {
  const { traceEvery } = { ...OBSERVE_DEFAULTS, ...options }
  if (!(Number.isFinite(traceEvery) && traceEvery >= 1)) {
    throw new RangeError(`traceEvery is ${traceEvery}, not a number from 1 up`)
  }
  return inner => {
    const call = counting(inner, request => packets.incoming.of(request.from.id), packets.now)
    return { ready: inner.ready, call: tracer ? tracingIncoming(tracer, call, traceEvery) : call }
  }
}

/**
 * The same for the packets that go out, by the account they go to: those that the node makes itself as well. Traces
 * those of a packet that is traced on its way in.
 */
export function observeOutgoing({ packets, tracer }: ObserveDeps): Pass<OutgoingRequest> {
  return inner => {
    const call = counting(inner, request => packets.outgoing.of(request.to.id), packets.now)
    return { ready: inner.ready, call: tracer ? tracingOutgoing(tracer, call) : call }
  }
}

function counting<Request extends IncomingRequest>(
  inner: Service<Request>,
  cellsOf: (request: Request) => Cells,
  now: () => number,
): (request: Request) => Promise<Reply> {
  return request => {
    const cells = cellsOf(request)
    const { units } = request.prepare
    const startMs = now()
    cells.began()
    try {
      const reply = inner.call(request)
      reply.then(reply => cells.answered(reply, units, now() - startMs), cells.threw)
      return reply
    } catch (error) {
      cells.threw()
      throw error
    }
  }
}
