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

/** `call` in a span for one packet in `every`. */
export function tracingIncoming<Request extends IncomingRequest>(
  tracer: Tracer,
  call: Call<Request>,
  every: number,
): Call<Request> {
  let untraced = every - 1
  return request => {
    untraced += 1
    if (untraced < every) return call(request)
    untraced = 0
    const { from, prepare } = request
    const attributes = { 'ilp.account': from.id, 'ilp.units': prepare.amount }
    return inSpan(tracer.startSpan('ilp incoming', { kind: SpanKind.SERVER, attributes }), call, request)
  }
}

/** `call` in a span for each packet whose way in has one that is recorded. */
export function tracingOutgoing<Request extends OutgoingRequest>(
  tracer: Tracer,
  call: Call<Request>,
): Call<Request> {
  return request => {
    if (!trace.getActiveSpan()?.isRecording()) return call(request)
    const { to, prepare } = request
    const attributes = { 'ilp.account': to.id, 'ilp.units': prepare.amount }
    return inSpan(tracer.startSpan('ilp outgoing', { kind: SpanKind.CLIENT, attributes }), call, request)
  }
}

/** Makes the call with the span as the active one, and ends it with the reply. */
function inSpan<Request>(span: Span, call: Call<Request>, request: Request): Promise<Reply> {
  const failed = () => {
    // The error's text may hold anything; whoever catches it logs it.
    span.setAttribute('ilp.outcome', 'failed').setStatus({ code: SpanStatusCode.ERROR }).end()
  }
  try {
    const reply = context.with(trace.setSpan(context.active(), span), call, undefined, request)
    reply.then(reply => {
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
