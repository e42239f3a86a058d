import type { IncomingRequest, OutgoingRequest, Reply } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMetrics, observe, observeOutgoing, packetMetrics, registeredTracer } from './index.js'

const exporter = new InMemorySpanExporter()

/** A node that is observed on both sides; the outgoing one is reached on a later turn, as behind a ledger. */
function node(answer: () => Promise<Reply>, traceEvery = 1) {
  const tracer = registeredTracer()
  const packets = packetMetrics(createMetrics())
  const ready = async () => {}
  const outgoing = observeOutgoing({ packets, tracer })<OutgoingRequest>({ ready, call: answer })
  const incoming = observe(
    { packets, tracer },
    { traceEvery },
  )<IncomingRequest>({
    ready,
    call: async request => {
      await new Promise(resolve => setImmediate(resolve))
      return outgoing.call({ ...request, to: testAccount('bob'), incomingAmount: request.prepare.units })
    },
  })
  const request = () => ({ from: testAccount('alice'), prepare: testPrepare({ units: 2n ** 60n + 1n }) })
  return { send: () => incoming.call(request()), outgoing, request }
}

const spans = (): ReadableSpan[] => exporter.getFinishedSpans()

describe('without an SDK', () => {
  it('there is no tracer, so that packets pay for no spans', () => {
    expect(registeredTracer()).toBeUndefined()
  })
})

describe('with an SDK', () => {
  beforeEach(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    )
  })
  afterEach(() => {
    trace.disable()
    context.disable()
    exporter.reset()
  })

  it('a packet has a span on its way in, and below it one on its way out', async () => {
    await node(async () => testFulfill()).send()
    const [outgoing, incoming] = spans()
    expect(incoming).toMatchObject({
      name: 'ilp incoming',
      kind: SpanKind.SERVER,
      attributes: { 'ilp.account': 'alice', 'ilp.units': `${2n ** 60n + 1n}`, 'ilp.outcome': 'fulfilled' },
    })
    expect(outgoing).toMatchObject({
      name: 'ilp outgoing',
      kind: SpanKind.CLIENT,
      attributes: { 'ilp.account': 'bob', 'ilp.outcome': 'fulfilled' },
    })
    expect(outgoing?.parentSpanContext?.spanId).toBe(incoming?.spanContext().spanId)
  })

  it('says how a packet was rejected, in codes that are bounded', async () => {
    const answers = [testReject({ code: 'T04' }), testReject({ code: '{}"' })]
    const { send } = node(async () => answers.shift() as Reply)
    await send()
    await send()
    expect(spans().map(({ attributes }) => attributes['ilp.code'])).toEqual(['T04', 'T04', 'other', 'other'])
  })

  it('says that a service threw, without what the error says', async () => {
    const bug = new Error('secret')
    const { send } = node(() => Promise.reject(bug))
    await expect(send()).rejects.toBe(bug)
    expect(spans()).toHaveLength(2)
    for (const { status, attributes, events } of spans()) {
      expect(status).toEqual({ code: SpanStatusCode.ERROR })
      expect(attributes['ilp.outcome']).toBe('failed')
      expect(events).toEqual([])
    }
  })

  it('takes the first packet and every so-manieth after it', async () => {
    const { send } = node(async () => testFulfill(), 3)
    for (let packet = 0; packet < 7; packet++) await send()
    expect(spans().filter(({ name }) => name === 'ilp incoming')).toHaveLength(3)
    expect(spans().filter(({ name }) => name === 'ilp outgoing')).toHaveLength(3)
  })

  it("leaves the node's own packets alone", async () => {
    const { outgoing, request } = node(async () => testFulfill())
    await outgoing.call({ ...request(), to: testAccount('bob'), incomingAmount: 1n })
    expect(spans()).toEqual([])
  })
})
