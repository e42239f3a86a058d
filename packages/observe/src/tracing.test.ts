import type { IncomingRequest, OutgoingRequest, Reply } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
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
function node(answer: () => Promise<Reply>, traceEvery = 1, tracer = registeredTracer()) {
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
      const prepare = request.prepare.with({ expiresAtMs: request.prepare.expiresAtMs - 1_000 })
      return outgoing.call({ ...request, prepare, to: testAccount('bob'), incomingAmount: prepare.units })
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
    trace.setGlobalTracerProvider(
      new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
    )
  })
  afterEach(() => {
    trace.disable()
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

  it('takes a share that is no whole quotient', async () => {
    const { send } = node(async () => testFulfill(), 2.5)
    for (let packet = 0; packet < 25; packet++) await send()
    expect(spans().filter(({ name }) => name === 'ilp incoming')).toHaveLength(10)
  })

  it("leaves the node's own packets alone, also while others are on their way", async () => {
    let answer = (_: Reply) => {}
    const replies = [() => new Promise<Reply>(resolve => (answer = resolve)), async () => testFulfill()]
    const { send, outgoing, request } = node(() => (replies.shift() ?? replies[0])?.() as Promise<Reply>)
    const traced = send()
    await expect.poll(() => replies.length).toBe(1)
    await outgoing.call({ ...request(), to: testAccount('bob'), incomingAmount: 1n })
    expect(spans()).toEqual([])
    answer(testFulfill())
    await traced
    expect(spans()).toHaveLength(2)
  })

  it('keeps packets apart that look alike, and those of other nodes', async () => {
    const answers: ((reply: Reply) => void)[] = []
    const held = () => new Promise<Reply>(resolve => void answers.push(resolve))
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    const [one, other] = [node(held), node(held, 1, provider.getTracer('another node'))]
    const sent = [one.send(), one.send(), other.send()]
    await expect.poll(() => answers.length).toBe(3)
    for (const answer of answers.toReversed()) answer(testFulfill())
    await Promise.all(sent)
    const of = (name: string) => spans().filter(span => span.name === name)
    const parents = of('ilp outgoing').map(span => span.parentSpanContext?.spanId)
    expect(new Set(parents).size).toBe(3)
    expect(parents.toSorted()).toEqual(
      of('ilp incoming')
        .map(span => span.spanContext().spanId)
        .toSorted(),
    )
  })
})
