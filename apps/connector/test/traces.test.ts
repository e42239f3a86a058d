import { createServer } from 'node:net'
import { testPrepare } from '@ilp/service-testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RunningConnector, startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { JsonReceiver } from './support/json-receiver.js'
import { fulfilAll, HeldPackets, outcome, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local, type Settings } from './support/settings.js'

/** No packets but those of the test. */
const silent = { sendRoutes: false, receiveRoutes: false }

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly service: string
  readonly attributes: Readonly<Record<string, string>>
}

interface OtlpAttribute {
  readonly key: string
  readonly value: { readonly stringValue: string }
}

interface OtlpSpan extends Omit<Span, 'attributes' | 'service'> {
  readonly attributes: readonly OtlpAttribute[]
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

const record = (attributes: readonly OtlpAttribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))

/** The spans that a collector has. */
const spansOf = ({ posts }: JsonReceiver): Span[] =>
  posts.flatMap(({ body }) =>
    (body as Otlp).resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map(span => ({
          ...span,
          service: record(resource.attributes)['service.name'] ?? '',
          attributes: record(span.attributes),
        })),
      ),
    ),
  )

const traced = ({ url }: { readonly url: string }, sample = 1): Settings => ({
  telemetry: { traces: { url: `${url}/v1/traces`, sample } },
})

/** payer ─▶ near ─▶ far, whose local account is the shop, each with a collector of its own. */
async function twoConnectors() {
  const [nearCollector, farCollector] = [await JsonReceiver.start(), await JsonReceiver.start()]
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [account('near', { relation: 'peer', ...silent }), local('shop')],
    ...traced(farCollector),
  })
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [
      account('payer', silent),
      account('far', {
        relation: 'peer',
        ...silent,
        http: undefined,
        btp: dialled(far.btpUrl('near'), tokenOf('near')),
      }),
    ],
    routes: [{ prefix: 'test.far', account: 'far' }],
    ...traced(nearCollector),
  })
  await near.linkUp('far')
  return { near, far, nearCollector, farCollector }
}

const stop = (...nodes: RunningConnector[]) => Promise.all(nodes.map(({ connector }) => connector.stop()))

describe('traces', () => {
  it('show a payment through two connectors, to each the part that passes it', async () => {
    const { near, far, nearCollector, farCollector } = await twoConnectors()
    const { delivered } = await payByStream(
      await near.plugin('payer'),
      await credentialsOf(far, 'shop'),
      1_000n,
    )
    expect(delivered).toBe(1_000n)
    await stop(near, far)

    const paid = (spans: readonly Span[]) => {
      const fulfilled = spans.filter(
        ({ name, attributes }) =>
          name === 'ilp outgoing' &&
          attributes['ilp.outcome'] === 'fulfilled' &&
          attributes['ilp.units'] !== '0',
      )
      return fulfilled.reduce((sum, { attributes }) => sum + BigInt(attributes['ilp.units'] ?? '0'), 0n)
    }
    for (const [collector, from, to] of [
      [nearCollector, 'payer', 'far'],
      [farCollector, 'near', 'shop'],
    ] as const) {
      const spans = spansOf(collector)
      expect(paid(spans)).toBe(1_000n)
      const incoming = new Map(
        spans.filter(({ name }) => name === 'ilp incoming').map(span => [span.spanId, span]),
      )
      const outgoing = spans.filter(({ name }) => name === 'ilp outgoing')
      expect(outgoing.length).toBeGreaterThan(0)
      for (const { traceId, parentSpanId = '', attributes, service } of outgoing) {
        expect(service).toBe('ilp-connector')
        expect(attributes['ilp.account']).toBe(to)
        const parent = incoming.get(parentSpanId)
        expect(parent?.traceId).toBe(traceId)
        expect(parent?.parentSpanId ?? '').toBe('')
        expect(parent?.attributes).toMatchObject({
          'ilp.account': from,
          'ilp.outcome': attributes['ilp.outcome'],
        })
      }
    }
    // Nothing that a packet carries says to the other node what trace it is of.
    const traces = new Set(spansOf(nearCollector).map(({ traceId }) => traceId))
    for (const { traceId } of spansOf(farCollector)) expect(traces).not.toContain(traceId)
  })

  it('leave a packet as it came but for its amount and expiry', async () => {
    const collector = await JsonReceiver.start()
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('payer', silent), account('shop', silent)],
      ...traced(collector),
    })
    const held = new HeldPackets(await node.plugin('shop'))
    const sent = testPrepare({ destination: 'test.node.shop', units: 7n, data: Buffer.from('as it is') })
    const reply = (await node.plugin('payer')).sendData(sent.toBuffer())
    const [packet] = await held.take(1)
    const { expiresAtMs } = sent
    expect(packet?.prepare.with({ expiresAtMs }).toBuffer()).toEqual(sent.toBuffer())
    packet?.fulfil()
    await reply
    await stop(node)
    expect(spansOf(collector)).toHaveLength(2)
  })

  it('are of a sample, and are sent while the node runs', async () => {
    const collector = await JsonReceiver.start()
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('alice', silent), account('bob', silent)],
      ...traced(collector, 0.25),
    })
    const alice = await node.plugin('alice')
    fulfilAll(await node.plugin('bob'))
    for (let sent = 0; sent < 40; sent++) await send(alice, 'test.node.bob', 1n)
    await eventually(() => spansOf(collector).filter(({ name }) => name === 'ilp incoming')).toHaveLength(10)
    expect(spansOf(collector)).toHaveLength(20)
    const metrics = async () => await (await node.admin('/metrics')).text()
    await eventually(metrics).toContain('ilp_trace_spans_total{outcome="exported"} 20')
  })

  it('cost packets nothing while the collector is silent, and the stop little', async () => {
    const sockets = new Set<{ readonly destroy: () => void }>()
    const silentCollector = createServer(socket => {
      sockets.add(socket)
      socket.on('error', () => {}).resume()
    })
    await new Promise<void>(resolve => silentCollector.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      silentCollector.close()
      for (const socket of sockets) socket.destroy()
    })
    const { port } = silentCollector.address() as { port: number }
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('alice', silent)],
      ...traced({ url: `http://127.0.0.1:${port}` }),
    })
    const alice = await node.plugin('alice')
    const refused = () => send(alice, 'test.node.nobody', 1n)
    const answers = await Promise.all(Array.from({ length: 3_000 }, refused))
    expect(answers.every(reply => outcome(reply) === 'F02')).toBe(true)
    const metrics = async () => await (await node.admin('/metrics')).text()
    await eventually(metrics).toMatch(/ilp_trace_spans_total\{outcome="failed"\} [1-9]/)
    expect(node.logger.entries.map(({ message }) => message)).toContain('traces do not get through')
    expect(await metrics()).toMatch(/ilp_trace_spans_total\{outcome="dropped"\} [1-9]/)
    await stop(node)
  })
})
