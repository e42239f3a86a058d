import { once } from 'node:events'
import { encodeIlp, FrameType } from '@ilp/btp-packet'
import { createBtpPool } from '@ilp/btp-pool'
import { accountId, decodeReply, type IncomingRequest, Prepare, stack } from '@ilp/service-core'
import {
  scriptedService,
  type TestAccount,
  testAccount,
  testFulfill,
  testPrepare,
  testReject,
} from '@ilp/service-testing'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { btpServer } from '../src/index.js'
import { Client, frameOf, packetIn, startNode, testAccounts } from './harness.js'

const ALICE = accountId('alice')
const BOB = accountId('bob')
const incoming = (requestId: number, prepare = testPrepare()) =>
  encodeIlp(FrameType.MESSAGE, requestId, prepare)

test('a Prepare enters the chain from the account as it is at that moment', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  await client.send(incoming(1, testPrepare({ units: 5n })))
  const first = await node.inner.next()
  expect(first.request).toMatchObject({ from: testAccount('alice'), prepare: { units: 5n } })
  const changed = testAccount('alice', { relation: 'peer' })
  node.accounts.set(changed)
  await client.send(incoming(2))
  const second = await node.inner.next()
  expect(second.request.from).toBe(changed)
  second.reject('T04')
  first.fulfill()
  const answers = [await client.next(), await client.next()]
  expect(answers).toMatchObject([
    { type: FrameType.RESPONSE, requestId: 2 },
    { type: FrameType.RESPONSE, requestId: 1 },
  ])
  expect(answers.map(frame => decodeReply(packetIn(frame)))).toEqual([
    testReject({ code: 'T04' }),
    testFulfill(),
  ])
})

test('answers go back on the socket that the Prepare came on', async () => {
  await using node = await startNode()
  const [one, two] = [await Client.connect(node.url, 'alice'), await Client.connect(node.url, 'alice')]
  await two.send(incoming(3))
  ;(await node.inner.next()).fulfill()
  await one.send(incoming(3))
  ;(await node.inner.next()).reject()
  expect(decodeReply(packetIn(await two.next()))).toEqual(testFulfill())
  expect(decodeReply(packetIn(await one.next()))).toEqual(testReject())
})

test('bytes that are no ILP packet get an F01 in a Response; the chain sees nothing of them', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  await client.send(frameOf(6, 9, ['ilp', 'no packet']))
  const frame = await client.next()
  expect(frame).toMatchObject({ type: FrameType.RESPONSE, requestId: 9 })
  expect(decodeReply(packetIn(frame))).toMatchObject({ code: 'F01', triggeredBy: 'test.node' })
  expect(node.inner.waiting()).toBe(0)
})

test('an account that is removed loses its connections', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  const other = await Client.connect(node.url, 'bob')
  node.accounts.remove(ALICE)
  expect(await client.closed).toBe(1001)
  expect([node.pool.count(ALICE), node.pool.count(BOB)]).toEqual([0, 1])
  expect(other.socket.readyState).toBe(WebSocket.OPEN)
})

test('packets of an account that is not there any more close its connections, though nobody told of it', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  node.accounts.lose(ALICE)
  await client.send(incoming(1))
  expect(await client.closed).toBe(1001)
  expect(node.inner.waiting()).toBe(0)
})

test('the heartbeat runs on accepted sockets: a peer that has gone silent is dropped', async () => {
  await using node = await startNode({ pingIntervalMs: 200 })
  const client = await Client.connect(node.url, 'alice')
  client.socket.pause()
  await expect.poll(() => node.pool.count(ALICE)).toBe(0)
  client.socket.terminate()
})

test('a peer that sends but does not read loses its connection at unsentBytesMax, and the node stays as it is', async () => {
  const reply = testFulfill({ data: Buffer.alloc(32_000) })
  const service = { ready: () => Promise.resolve(), call: () => Promise.resolve(reply) }
  await using node = await startNode({}, { unsentBytesMax: 500_000 }, service)
  const client = await Client.connect(node.url, 'alice')
  client.socket.pause()
  while (node.pool.count(ALICE) > 0) {
    for (let id = 0; id < 100; id++) client.socket.send(incoming(id))
    await new Promise(setImmediate)
    expect(node.pool.stats()[0]?.unsentBytes ?? 0).toBeLessThan(600_000)
  }
  client.socket.terminate()
  const other = await Client.connect(node.url, 'bob')
  await other.send(incoming(1))
  expect(decodeReply(packetIn(await other.next()))).toEqual(reply)
})

test('a stop takes nobody in, refuses new Prepares with T03, and waits for those in flight; sockets stay open', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  const stranger = new Client(`${node.url}/btp`)
  await stranger.opened
  await client.send(incoming(1))
  const call = await node.inner.next()
  const stopped = vi.fn()
  const stopping = node.chain.stop().then(stopped)
  expect(await stranger.closed).toBe(1001)
  const refused = new WebSocket(`${node.url}/btp`)
  await once(refused, 'error')
  await client.send(incoming(2))
  const busy = await client.next()
  expect(busy.requestId).toBe(2)
  expect(decodeReply(packetIn(busy))).toMatchObject({ code: 'T03' })
  expect(stopped).not.toHaveBeenCalled()
  call.fulfill()
  expect(await client.next()).toMatchObject({ requestId: 1 })
  await stopping
  expect(client.socket.readyState).toBe(WebSocket.OPEN)
  await node.pool.stop()
  expect(await client.closed).toBe(1001)
})

test('without a listener, the packets of dialled sessions enter all the same', async () => {
  const pool = createBtpPool({ address: () => 'test.child' })
  const inner = scriptedService<IncomingRequest<TestAccount>>()
  const chain = stack<IncomingRequest<TestAccount>>()
    .use(
      btpServer({
        pool,
        accounts: testAccounts('parent'),
        credentials: { authenticate: () => undefined, watch: () => () => {} },
        address: () => 'test.child',
      }),
    )
    .around(inner)
  await chain.start()
  const sent: Buffer[] = []
  let receive = (_bytes: Buffer) => {}
  let close = () => {}
  pool.add(accountId('parent'), {
    listen: listener => {
      receive = listener.message
      close = listener.closed
      receive = bytes => listener.message(bytes)
      close = () => listener.closed()
    },
    send: bytes => sent.push(bytes),
    unsentBytes: () => 0,
    close: () => close(),
  })
  receive(incoming(1))
  const call = await inner.next()
  expect(call.request.from.username).toBe('parent')
  call.fulfill()
  await chain.stop()
  expect(sent).toHaveLength(1)
  await pool.stop()
})

test('the layer passes on what others call it with, and the readiness of the chain', async () => {
  await using node = await startNode()
  const request = { from: testAccount('alice'), prepare: testPrepare() }
  const reply = node.chain.call(request)
  const call = await node.inner.next()
  expect(call.request).toBe(request)
  call.fulfill()
  expect(await reply).toEqual(testFulfill())
  await node.chain.ready()
})

test('packets reach a client that has connected', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  const reply = node.pool.send(ALICE, testPrepare({ units: 3n }))
  const frame = await client.next()
  expect(frame.type).toBe(FrameType.MESSAGE)
  expect(Prepare.decode(packetIn(frame)).units).toBe(3n)
  await client.send(encodeIlp(FrameType.RESPONSE, frame.requestId, testFulfill()))
  expect(await reply).toEqual(testFulfill())
})

test('a node that inverts the types gets on with this one, in both directions', async () => {
  await using node = await startNode()
  const client = new Client(`${node.url}/accounts/alice/ilp/btp`)
  // It doesn't wait for the answer to its authentication.
  await client.send(
    frameOf(6, 0xdead_beef, ['auth', ''], ['auth_token', 'alice-token']),
    encodeIlp(FrameType.RESPONSE, 0xfeed_f00d, testPrepare()),
  )
  ;(await node.inner.next()).fulfill()
  expect(await client.next()).toMatchObject({
    type: FrameType.RESPONSE,
    requestId: 0xdead_beef,
    protocolData: [],
  })
  const answer = await client.next()
  expect(answer.requestId).toBe(0xfeed_f00d)
  expect(decodeReply(packetIn(answer))).toEqual(testFulfill())

  const reply = node.pool.send(ALICE, testPrepare())
  const request = await client.next()
  await client.send(encodeIlp(FrameType.MESSAGE, request.requestId, testReject({ code: 'T05' })))
  expect(await reply).toEqual(testReject({ code: 'T05' }))
})

test.each([
  { authTimeoutMs: 0 },
  { unauthenticatedMax: 1.5 },
  { sessionsPerAccountMax: -1 },
  { pingIntervalMs: Number.NaN },
])('the option %o is refused', async options => {
  await expect(startNode(options)).rejects.toThrow(RangeError)
})
