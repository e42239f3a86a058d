import type { IncomingRequest, OutgoingRequest, PacketWatcher, Pass, Reply, Service } from '@ilp/service-core'
import type { Tracer } from '@opentelemetry/api'
import type { PacketMetrics } from './packets.js'
import { tracingIncoming, tracingOutgoing } from './tracing.js'
import { incomingWatcher, outgoingWatcher } from './watcher.js'

export interface ObserveDeps {
  /** What packets are counted in; without it, none are. */
  readonly packets?: PacketMetrics | undefined
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
    const call = packets ? counting(inner, incomingWatcher(packets)) : inner.call
    return { ready: inner.ready, call: tracer ? tracingIncoming(tracer, call, traceEvery) : call }
  }
}

/**
 * The same for the packets that go out, by the account they go to: those that the node makes itself as well. Traces
 * those of a packet that is traced on its way in.
 */
export function observeOutgoing({ packets, tracer }: ObserveDeps): Pass<OutgoingRequest> {
  return inner => {
    const call = packets ? counting(inner, outgoingWatcher(packets)) : inner.call
    return { ready: inner.ready, call: tracer ? tracingOutgoing(tracer, call) : call }
  }
}

function counting<Request extends IncomingRequest>(
  inner: Service<Request>,
  watcher: PacketWatcher<Request>,
): (request: Request) => Promise<Reply> {
  return request => {
    const began = watcher.began(request)
    try {
      const reply = inner.call(request)
      reply.then(
        reply => watcher.answered(request, reply, began),
        () => watcher.threw(request),
      )
      return reply
    } catch (error) {
      watcher.threw(request)
      throw error
    }
  }
}
