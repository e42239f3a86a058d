import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { verifyReceipt } from '@ilp/stream-packet'
import { type MoneyStream, type StreamConnection, streamCompat } from '@ilp/test-peers'
import { afterEach, expect, it } from 'vitest'
import type { ConnectionTerms } from '../src/index.js'
import { createPlugin, type InProcessPlugin } from './plugin.js'
import { type Receiving, receiving } from './receiving.js'

const { createConnection } = streamCompat()
const peerReceipts = createRequire(import.meta.url)('ilp-protocol-stream') as {
  readonly verifyReceipt: (receipt: Buffer, secret: Buffer) => { readonly totalReceived: object }
}

/** What npm's streams have besides money. */
type Stream = MoneyStream & { readonly receipt: Buffer; readonly write: (data: string) => void }

let connection: StreamConnection | undefined
afterEach(() => connection?.destroy().catch(() => {}))

async function connect(terms?: ConnectionTerms) {
  const receiver = receiving()
  const plugin = createPlugin(receiver.service)
  const client = await createConnection({ plugin, ...receiver.issue(terms) })
  client.on('error', () => {})
  connection = client
  return { receiver, plugin, client, createStream: () => client.createStream() as Stream }
}

/** All three have to agree: what the sender says, what the path saw, and what the application was told. */
function expectSettled(
  amount: bigint,
  client: StreamConnection,
  plugin: InProcessPlugin,
  receiver: Receiving,
) {
  expect(BigInt(client.totalDelivered)).toBe(amount)
  expect(plugin.delivered()).toBe(amount)
  expect(receiver.total()).toBe(amount)
  expect(receiver.logger.entries).toEqual([])
}

it('learns the asset and pays to the unit, in packets that the path lets through', async () => {
  const { receiver, plugin, client, createStream } = await connect({ tag: 'invoice 1' })
  expect(client).toMatchObject({ destinationAssetCode: 'USD', destinationAssetScale: 9 })
  plugin.path.maxPacketAmount = 33_333n
  await createStream().sendTotal('1000003')
  await client.end()
  expectSettled(1_000_003n, client, plugin, receiver)
  expect(receiver.received.length).toBeGreaterThan(30)
  expect(receiver.received.at(-1)).toMatchObject({ tag: 'invoice 1', streamId: 1, totalReceived: 1_000_003n })
})

it('pays on several streams of one connection', async () => {
  const { receiver, plugin, client, createStream } = await connect()
  plugin.path.maxPacketAmount = 1_000n
  const amounts = [7_001, 13_002, 9_003]
  await Promise.all(amounts.map(amount => createStream().sendTotal(amount)))
  await client.end()
  expectSettled(29_006n, client, plugin, receiver)
  const totals = new Map(receiver.received.map(({ streamId, totalReceived }) => [streamId, totalReceived]))
  expect([...totals.values()].reduce((sum, total) => sum + total, 0n)).toBe(29_006n)
  expect([...totals.keys()]).toEqual([1, 3, 5])
})

it('pays at an exchange rate, and not while it is worse than agreed', async () => {
  const { receiver, plugin, client, createStream } = await connect()
  plugin.path.maxPacketAmount = 10_000n
  plugin.path.rate = units => (units * 9n) / 10n
  const stream = createStream()
  const paid = stream.sendTotal(100_000)
  await once(plugin.events, 'reply')
  expect([plugin.replies.get('fulfilled'), receiver.total()]).toEqual([undefined, 0n])
  plugin.path.rate = units => units
  await paid
  await client.end()
  expectSettled(100_000n, client, plugin, receiver)
})

it('gets receipts that rise to the total', async () => {
  const receipts = { nonce: Buffer.alloc(16, 2), secret: Buffer.alloc(32, 3) }
  const { plugin, client, createStream } = await connect({ receipts })
  plugin.path.maxPacketAmount = 5_000n
  const stream = createStream()
  await stream.sendTotal(12_345)
  expect(verifyReceipt(stream.receipt, receipts.secret)).toEqual({
    nonce: receipts.nonce,
    streamId: 1,
    totalReceived: 12_345n,
  })
  expect(String(peerReceipts.verifyReceipt(stream.receipt, receipts.secret).totalReceived)).toBe('12345')
  await client.end()
})

it('opens more streams than ten, one after another', async () => {
  const { receiver, plugin, client, createStream } = await connect()
  for (let i = 0; i < 15; i++) {
    const stream = createStream()
    await stream.sendTotal(100)
    const closed = once(stream, 'close')
    stream.end()
    await closed
    while (!canOpen(client)) await setImmediate()
  }
  await client.end()
  expectSettled(1_500n, client, plugin, receiver)
  expect(receiver.received.map(({ streamId }) => streamId)).toEqual(
    Array.from({ length: 15 }, (_, i) => 2 * i + 1),
  )
})

it('is told that its data is not wanted, and is not kept waiting', async () => {
  const { receiver, createStream } = await connect()
  const stream = createStream()
  const failed = once(stream, 'error')
  stream.write('hello')
  expect(String(await failed)).toContain('takes money, not data')
  expect(receiver.total()).toBe(0n)
})

it('connects again with the same credentials', async () => {
  const receiver = receiving()
  const credentials = receiver.issue()
  for (const amount of [500, 700]) {
    const client = await createConnection({ plugin: createPlugin(receiver.service), ...credentials })
    const stream = client.createStream()
    await stream.sendTotal(amount)
    await client.end()
  }
  expect(receiver.received.map(({ totalReceived }) => totalReceived)).toEqual([500n, 1_200n])
})

/** Whether the client has heard that it may open another stream. */
const canOpen = (client: StreamConnection): boolean => {
  const { remoteMaxStreamId, nextStreamId } = client as unknown as Record<string, number>
  return (remoteMaxStreamId as number) >= (nextStreamId as number)
}
