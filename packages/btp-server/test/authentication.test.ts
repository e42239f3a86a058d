import { encodeAuth, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { accountId } from '@ilp/service-core'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Client, frameOf, packetIn, startNode, transfer } from './harness.js'

const ALICE = accountId('alice')
const auth = (token: string, username?: string) => encodeAuth(77, { token, username })

describe('a client is let in', () => {
  test.each<[string, string, Buffer]>([
    ['the token alone', '/btp', auth('alice-token')],
    ['the token and its auth_username', '/btp', auth('alice-token', 'alice')],
    ['the token and the path', '/accounts/alice/ilp/btp', auth('alice-token')],
    ['the token, the path and auth_username', '/accounts/alice/ilp/btp', auth('alice-token', 'alice')],
    ['the token and an empty auth_username', '/btp', auth('alice-token', '')],
    [
      'sub-protocols in another order, with unknown ones',
      '/btp',
      frameOf(6, 77, ['auth', ''], ['x', '1'], ['auth_token', 'alice-token'], ['auth_username', 'alice']),
    ],
  ])('by %s', async (_name, path, message) => {
    await using node = await startNode()
    const client = new Client(node.url + path)
    await client.send(message)
    expect(await client.next()).toEqual({ type: FrameType.RESPONSE, requestId: 77, protocolData: [] })
    expect(node.pool.count(ALICE)).toBe(1)
  })

  test('and what it sent right behind its authentication is answered', async () => {
    await using node = await startNode()
    const client = new Client(`${node.url}/btp`)
    await client.send(auth('alice-token'), encodeIlp(FrameType.MESSAGE, 5, testPrepare({ units: 9n })))
    const call = await node.inner.next()
    expect(call.request).toMatchObject({ from: { id: ALICE }, prepare: { units: 9n } })
    call.fulfill()
    expect(await client.next()).toMatchObject({ requestId: 77 })
    const answer = await client.next()
    expect(answer).toMatchObject({ type: FrameType.RESPONSE, requestId: 5 })
    expect(packetIn(answer)).toEqual(testFulfill().toBuffer())
  })
})

describe('a client is refused with an Error, and the connection closed', () => {
  test.each<[string, string, Buffer]>([
    ['a token that nobody has', '/btp', auth('mallory-token')],
    ['an empty token that nobody has', '/btp', auth('')],
    ["another account's path", '/accounts/bob/ilp/btp', auth('alice-token')],
    ["another account's auth_username", '/btp', auth('alice-token', 'bob')],
    ['a path and an auth_username that differ', '/accounts/alice/ilp/btp', auth('alice-token', 'bob')],
    ['a path of no account', '/accounts/nobody/ilp/btp', auth('alice-token')],
  ])('for %s, and all of these look alike', async (_name, path, message) => {
    await using node = await startNode()
    const client = new Client(node.url + path)
    await client.send(message)
    expect(await client.next()).toMatchObject({
      type: FrameType.ERROR,
      requestId: 77,
      code: 'F00',
      name: 'NotAcceptedError',
      data: Buffer.from('invalid token or username'),
    })
    expect(await client.closed).toBe(1002)
    expect(node.pool.stats()).toEqual([])
  })

  test.each<[string, number, Buffer]>([
    ['a packet', 4, encodeIlp(FrameType.MESSAGE, 4, testPrepare())],
    ['a Response', 4, frameOf(1, 4)],
    ['an Error', 4, encodeRefusal(4, 'F00', '')],
    ['a Transfer', 4, transfer(4)],
    ['an empty Message', 4, frameOf(6, 4)],
    ['an auth with data', 4, frameOf(6, 4, ['auth', 'x'], ['auth_token', 'alice-token'])],
    ['an auth without a token', 4, frameOf(6, 4, ['auth', ''])],
    ['an auth behind the token', 4, frameOf(6, 4, ['auth_token', 'alice-token'], ['auth', ''])],
    [
      'two sub-protocols of one name',
      4,
      Buffer.from(
        frameOf(6, 4, ['auth', ''], ['auth_token', 'alice-token'], ['auth_tokex', 'x'])
          .toString('latin1')
          .replace('tokex', 'token'),
        'latin1',
      ),
    ],
  ])('for %s before anything else', async (_name, requestId, message) => {
    await using node = await startNode()
    const client = new Client(`${node.url}/btp`)
    await client.send(message, auth('alice-token'))
    expect(await client.next()).toMatchObject({ type: FrameType.ERROR, requestId, code: 'F00' })
    expect(await client.closed).toBe(1002)
    expect(client.frames).toEqual([])
    expect(node.pool.stats()).toEqual([])
  })

  test('when it says nothing for authTimeoutMs', async () => {
    await using node = await startNode({ authTimeoutMs: 50 })
    const client = new Client(`${node.url}/btp`)
    expect(await client.next()).toMatchObject({ type: FrameType.ERROR, code: 'F00' })
    await client.closed
  })

  test('past sessionsPerAccountMax, for a while', async () => {
    await using node = await startNode({ sessionsPerAccountMax: 2 })
    const clients = [await Client.connect(node.url, 'alice'), await Client.connect(node.url, 'alice')]
    await Client.connect(node.url, 'bob')
    const third = await Client.connect(node.url, 'alice').catch(() => undefined)
    expect(await third?.closed).toBe(1002)
    expect(node.pool.count(ALICE)).toBe(2)
    const refused = new Client(`${node.url}/btp`)
    await refused.send(auth('alice-token'))
    expect(await refused.next()).toMatchObject({
      type: FrameType.ERROR,
      code: 'T00',
      name: 'UnreachableError',
    })
    clients[0]?.socket.close()
    await clients[0]?.closed
    await expect.poll(() => node.pool.count(ALICE)).toBe(1)
    await Client.connect(node.url, 'alice')
    expect(node.pool.count(ALICE)).toBe(2)
  })
})

test('an unreadable first message gets no answer, only the end of the connection', async () => {
  await using node = await startNode()
  const client = new Client(`${node.url}/btp`)
  await client.send(Buffer.from('GET / HTTP/1.1'))
  expect(await client.closed).toBe(1002)
  expect(client.frames).toEqual([])
})

test('authentication is for one connection: the next one has to do so again', async () => {
  await using node = await startNode()
  const first = await Client.connect(node.url, 'alice')
  first.socket.close()
  await first.closed
  const second = new Client(`${node.url}/btp`)
  await second.send(encodeIlp(FrameType.MESSAGE, 1, testPrepare()))
  expect(await second.next()).toMatchObject({ type: FrameType.ERROR, requestId: 1 })
})

describe('when the tokens of an account change', () => {
  test('sessions whose token is withdrawn are closed, others stay', async () => {
    await using node = await startNode()
    node.credentials.set(ALICE, 'alice-token', 'second')
    const withdrawn = await Client.connect(node.url, 'alice')
    const kept = new Client(`${node.url}/btp`)
    await kept.send(auth('second'))
    await kept.next()
    const bob = await Client.connect(node.url, 'bob')
    node.credentials.set(ALICE, 'second', 'third')
    await withdrawn.closed
    expect(node.pool.count(ALICE)).toBe(1)
    expect([kept.socket.readyState, bob.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  })

  test('a session whose token is now that of another account is closed', async () => {
    await using node = await startNode()
    const client = await Client.connect(node.url, 'alice')
    node.credentials.set(accountId('bob'), 'alice-token')
    node.credentials.set(ALICE)
    await client.closed
    expect(node.pool.stats()).toEqual([])
  })
})

test('past unauthenticatedMax, upgrades are answered with 503 until somebody authenticates or leaves', async () => {
  await using node = await startNode({ unauthenticatedMax: 2 })
  const waiting = [new Client(`${node.url}/btp`), new Client(`${node.url}/btp`)]
  await Promise.all(waiting.map(client => client.opened))
  const status = new Promise(resolve => {
    const socket = new WebSocket(`${node.url}/btp`)
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode))
    socket.on('error', () => {})
  })
  expect(await status).toBe(503)
  await waiting[0]?.send(auth('alice-token'))
  await waiting[0]?.next()
  expect(await (await Client.connect(node.url, 'bob')).socket.readyState).toBe(WebSocket.OPEN)
})
