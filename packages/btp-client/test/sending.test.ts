import { encodeIlp, FrameType } from '@ilp/btp-packet'
import { testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { type Account, accepting, createNode, dialled, sessions, startPeer, startServer } from './harness.js'

const answering = accepting((frame, socket) =>
  socket.send(encodeIlp(FrameType.RESPONSE, frame.requestId, testFulfill())),
)

test.each(['', 'btp+'])(
  'a packet goes to the peer that was dialled at %sws://…, and its answer comes back',
  async prefix => {
    await using peer = await startPeer()
    const bob = dialled(prefix + peer.url)
    await using node = createNode([bob])
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    const replies = [node.send(bob), node.send(bob)]
    const [first, second] = [await peer.inner.next(), await peer.inner.next()]
    expect(first.request.from).toBe(peer.account)
    second.reject('F02')
    first.fulfill()
    expect(await Promise.all(replies)).toEqual([testFulfill(), testReject({ code: 'F02' })])
  },
)

test('packets of the peer come in over the same connection', async () => {
  await using peer = await startPeer()
  const bob = dialled(peer.url)
  await using node = createNode([bob])
  node.pool.serve((from, prepare) =>
    Promise.resolve(testFulfill({ data: Buffer.from(`${from} ${prepare.destination}`) })),
  )
  await node.chain.start()
  await sessions(node.pool, bob, 1)
  const reply = peer.pool.send(peer.account.id, testPrepare())
  expect(await reply).toEqual(testFulfill({ data: Buffer.from('bob test.receiver.bob') }))
})

test.each<[string, Account]>([
  ['dialled, and not reached', dialled('ws://127.0.0.1:1/btp')],
  ['to connect to this node, and has not', dialled(undefined)],
  ['without BTP', testAccount('bob')],
])('packets to a peer that is %s are passed on at once', async (_name, bob) => {
  await using node = createNode([bob])
  await node.chain.start()
  const reply = node.send(bob)
  const call = await node.passedOn.next()
  expect(call.request.to).toBe(bob)
  call.fulfill()
  expect(await reply).toEqual(testFulfill())
})

test('a session that is there is used, whatever the account says', async () => {
  await using server = await startServer(answering)
  const bob = dialled(server.url)
  await using node = createNode([bob])
  await node.chain.start()
  await sessions(node.pool, bob, 1)
  expect(await node.send(testAccount('bob'))).toEqual(testFulfill())
})

test('past pendingMax the link is saturated: T02', async () => {
  await using server = await startServer(accepting())
  const bob = dialled(server.url)
  await using node = createNode([bob], {}, { pendingMax: 2, drainTimeoutMs: 50 })
  await node.chain.start()
  await sessions(node.pool, bob, 1)
  const waiting = [node.send(bob), node.send(bob)]
  expect(await node.send(bob)).toMatchObject({ code: 'T02', triggeredBy: 'test.node' })
  node.pool.closeAccount(bob.id)
  expect(await Promise.all(waiting)).toMatchObject([{ code: 'T01' }, { code: 'T01' }])
})

test('the readiness of the chain is passed on', async () => {
  await using node = createNode([])
  await node.chain.ready()
})
