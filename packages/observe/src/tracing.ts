import { type IncomingRequest, isFulfill, type OutgoingRequest, type Reply } from '@ilp/service-core'
import {
  context,
  ProxyTracer,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { codeLabel } from './codes.js'
import { PacketSpans } from './packet-spans.js'

type SpanMaker = Pick<Tracer, 'startSpan'>

type Call<Request> = (request: Request) => Promise<Reply>

/**
 * The tracer of the OpenTelemetry SDK that this process has registered, say by `node --import`; undefined when it has
 * none, so that packets don't pay for spans that go nowhere. Ask for it once the SDK is there.
 */
export function registeredTracer(): Tracer | undefined {
  const tracer = trace.getTracer('@ilp/observe')
  // Without an SDK, the API gives a stand-in that waits for one.
  return tracer instanceof ProxyTracer ? undefined : tracer
}

/** What is on its way in, for the way out: both sides of a node have one tracer. */
const onTheirWay = new WeakMap<SpanMaker, PacketSpans>()

function spansOf(tracer: SpanMaker): PacketSpans {
  const known = onTheirWay.get(tracer)
  if (known) return known
  const spans = new PacketSpans()
  onTheirWay.set(tracer, spans)
  return spans
}

/** `call` in a span for one packet in `every`, on the average. */
export function tracingIncoming<Request extends IncomingRequest>(
  tracer: SpanMaker,
  call: Call<Request>,
  every: number,
): Call<Request> {
  const spans = spansOf(tracer)
  let untraced = every - 1
  return request => {
    untraced += 1
    if (untraced < every) return call(request)
    untraced -= every
    const { from, prepare } = request
    const attributes = { 'ilp.account': from.id, 'ilp.units': prepare.amount }
    const span = tracer.startSpan('ilp incoming', { kind: SpanKind.SERVER, attributes })
    return inSpan(span, call, request, spans.begin(prepare, span))
  }
}

/** `call` in a span for each packet whose way in has one. */
export function tracingOutgoing<Request extends OutgoingRequest>(
  tracer: SpanMaker,
  call: Call<Request>,
): Call<Request> {
  const spans = spansOf(tracer)
  return request => {
    const { to, prepare } = request
    const parent = spans.of(prepare)
    if (!parent) return call(request)
    const attributes = { 'ilp.account': to.id, 'ilp.units': prepare.amount }
    const around = trace.setSpan(context.active(), parent)
    const span = tracer.startSpan('ilp outgoing', { kind: SpanKind.CLIENT, attributes }, around)
    return inSpan(span, call, request, () => {})
  }
}

/** Makes the call with the span as the active one, where there is such a thing, and ends it with the reply. */
function inSpan<Request>(
  span: Span,
  call: Call<Request>,
  request: Request,
  over: () => void,
): Promise<Reply> {
  const failed = () => {
    over()
    // The error's text may hold anything; whoever catches it logs it.
    span.setAttribute('ilp.outcome', 'failed').setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  try {
    const reply = context.with(trace.setSpan(context.active(), span), call, undefined, request)
    reply.then(reply => {
      over()
      if (isFulfill(reply)) span.setAttribute('ilp.outcome', 'fulfilled')
      else span.setAttribute('ilp.outcome', 'rejected').setAttribute('ilp.code', codeLabel(reply.code))
      span.end()
    }, failed)
    return reply
  } catch (error) {
    failed()
    throw error
  }
}
