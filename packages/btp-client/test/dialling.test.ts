import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { type BtpFrame, decodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { decodeReply } from '@ilp/service-core'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import {
  accepted,
  accepting,
  createNode,
  createProxy,
  dialled,
  sessions,
  startPeer,
  startServer,
} from './harness.js'

const eventually = <T>(look: () => T) => expect.poll(look)

/** Resolves when the node has said this so often. */
const said = (node: { readonly sayings: () => string[] }, saying: string, times = 1) =>
  eventually(() => node.sayings().filter(message => message === saying).length).toBeGreaterThanOrEqual(times)

/** Keeps the first frames of all connections. */
function authRecorder(answer: (socket: WebSocket, auth: BtpFrame) => void) {
  const auths: BtpFrame[] = []
  const onSocket = (socket: WebSocket) =>
    socket.once('message', (bytes: Buffer) => {
      const auth = decodeFrame(bytes)
      auths.push(auth)
      answer(socket, auth)
    })
  return { auths, onSocket }
}

const entriesOf = (auth: BtpFrame | undefined) =>
  auth?.protocolData.map(({ protocolName, data }) => [protocolName, Buffer.from(data).toString()])

describe('authentication', () => {
  test('auth comes first, then the user name of the URL, then the token', async () => {
    const { auths, onSocket } = authRecorder((socket, auth) => socket.send(accepted(auth.requestId)))
    await using server = await startServer(onSocket)
    const bob = dialled(server.url.replace('://', '://an%20name@'))
    await using node = createNode([bob])
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    expect(auths[0]?.type).toBe(FrameType.MESSAGE)
    expect(entriesOf(auths[0])).toEqual([
      ['auth', ''],
      ['auth_username', 'an name'],
      ['auth_token', 'node-token'],
    ])
  })

  test('without a token an empty one is sent', async () => {
    const { auths, onSocket } = authRecorder((socket, auth) => socket.send(accepted(auth.requestId)))
    await using server = await startServer(onSocket)
    const bob = dialled(server.url)
    await using node = createNode([bob])
    node.tokens.clear()
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    expect(entriesOf(auths[0])).toEqual([
      ['auth', ''],
      ['auth_token', ''],
    ])
  })

  test('the session begins with the Response, and what comes right behind it is not lost', async () => {
    const { onSocket } = authRecorder((socket, auth) => {
      // Neither is the answer to the authentication.
      socket.send(Buffer.from('garbage'))
      socket.send(accepted(auth.requestId + 1))
      socket.send(encodeIlp(FrameType.MESSAGE, auth.requestId, testPrepare()))
      setImmediate(() => {
        expect(node.pool.count(bob.id)).toBe(0)
        socket.send(accepted(auth.requestId))
        socket.send(encodeIlp(FrameType.MESSAGE, 7, testPrepare()))
      })
      socket.on('message', (bytes: Buffer) => answers.push(decodeFrame(bytes)))
    })
    const answers: BtpFrame[] = []
    await using server = await startServer(onSocket)
    const bob = dialled(server.url)
    await using node = createNode([bob])
    node.pool.serve(() => Promise.resolve(testFulfill()))
    await node.chain.start()
    await eventually(() => answers.length).toBe(1)
    expect(answers[0]?.requestId).toBe(7)
    expect(decodeReply(Buffer.from(answers[0]?.protocolData[0]?.data ?? []))).toEqual(testFulfill())
  })

  test('refused: it backs off, says so once, and gets in as soon as the token is right', async () => {
    let attempts = 0
    const { onSocket } = authRecorder((socket, auth) => {
      attempts += 1
      const token = entriesOf(auth)?.at(-1)?.[1]
      if (token === 'right') return socket.send(accepted(auth.requestId))
      socket.send(encodeRefusal(auth.requestId, 'F00', 'no'))
      socket.close()
    })
    await using server = await startServer(onSocket)
    const bob = dialled(server.url)
    await using node = createNode([bob])
    await node.chain.start()
    await eventually(() => attempts).toBeGreaterThan(3)
    expect(node.sayings()).toEqual(['BTP peer refuses the credentials'])
    expect(node.pool.count(bob.id)).toBe(0)
    node.tokens.set(bob.id, 'right')
    await sessions(node.pool, bob, 1)
    expect(node.sayings()).toEqual(['BTP peer refuses the credentials', 'BTP link is up'])
  })

  test('a token that changes is tried at once, however long the pause was to be', async () => {
    const { onSocket } = authRecorder((socket, auth) => {
      if (entriesOf(auth)?.at(-1)?.[1] === 'right') return socket.send(accepted(auth.requestId))
      socket.send(encodeRefusal(auth.requestId, 'F00', 'no'))
      socket.close()
    })
    await using server = await startServer(onSocket)
    const bob = dialled(server.url)
    await using node = createNode([bob], { backoffMinMs: 600_000, backoffMaxMs: 600_000, random: 1 })
    await node.chain.start()
    await eventually(() => node.sayings()).toEqual(['BTP peer refuses the credentials'])
    node.tokens.set(bob.id, 'right')
    node.tokenChanged(bob.id)
    await sessions(node.pool, bob, 1)
  })

  test.each<[string, (socket: WebSocket) => void]>([
    ['says nothing', () => {}],
    ['closes', socket => socket.close()],
  ])('a peer that %s is tried again', async (_name, onSocket) => {
    let attempts = 0
    await using server = await startServer(socket => {
      attempts += 1
      if (attempts < 3) onSocket(socket)
      else accepting()(socket)
    })
    const bob = dialled(server.url)
    await using node = createNode([bob], { connectTimeoutMs: 1_000 })
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    expect(node.sayings()).toEqual(['BTP peer is unreachable', 'BTP link is up'])
    expect(attempts).toBeGreaterThanOrEqual(3)
  })
})

describe('links that are lost', () => {
  test('a peer that is down keeps neither the start nor others waiting, and is reached when it comes up', async () => {
    await using up = await startPeer()
    const down = await startPeer()
    await down[Symbol.asyncDispose]()
    const [bob, carol] = [dialled(down.url, 'bob'), dialled(up.url, 'carol')]
    await using node = createNode([bob, carol])
    await node.chain.start()
    await sessions(node.pool, carol, 1)
    await said(node, 'BTP peer is unreachable')
    await using _again = await startPeer(down.port)
    await sessions(node.pool, bob, 1)
    expect(node.sayings().sort()).toEqual(['BTP link is up', 'BTP link is up', 'BTP peer is unreachable'])
  })

  test('after a restart of the server it connects and authenticates again', async () => {
    const first = await startPeer()
    const bob = dialled(first.url)
    await using node = createNode([bob])
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    await first[Symbol.asyncDispose]()
    await said(node, 'BTP link was lost')
    await using second = await startPeer(first.port)
    await sessions(node.pool, bob, 1)
    const reply = node.send(bob)
    ;(await second.inner.next()).fulfill()
    expect(await reply).toEqual(testFulfill())
  })

  test('a connection that is half open is found, its requests get T01, and a new one takes its place', async () => {
    await using peer = await startPeer()
    await using proxy = await createProxy(peer.port)
    const bob = dialled(proxy.url)
    await using node = createNode([bob], { pingIntervalMs: 500 })
    await node.chain.start()
    await sessions(node.pool, bob, 1)
    proxy.pull()
    expect(await node.send(bob)).toMatchObject({ code: 'T01' })
    await sessions(node.pool, bob, 1)
    const reply = node.send(bob)
    ;(await peer.inner.next()).fulfill()
    expect(await reply).toEqual(testFulfill())
  })
})

describe('accounts that change', () => {
  test('are dialled when they get a URL, and not any more when they lose it', async () => {
    await using peer = await startPeer()
    const [idle, bob] = [dialled(undefined), dialled(peer.url)]
    await using node = createNode([idle])
    await node.chain.start()
    node.change(bob.id, bob)
    await sessions(node.pool, bob, 1)
    node.change(bob.id, { ...bob, ilpAddress: 'test.elsewhere' })
    expect(node.pool.count(bob.id)).toBe(1)
    node.change(bob.id, idle)
    await sessions(node.pool, bob, 0)
    await sessions(peer.pool, peer.account, 0)
  })

  test('are dialled elsewhere when their URL changes; a removed one is left', async () => {
    await using first = await startPeer()
    await using second = await startPeer()
    const bob = dialled(first.url)
    await using node = createNode([bob])
    await node.chain.start()
    await sessions(first.pool, first.account, 1)
    node.change(bob.id, dialled(second.url))
    await sessions(second.pool, second.account, 1)
    await sessions(first.pool, first.account, 0)
    node.change(bob.id, undefined)
    await sessions(second.pool, second.account, 0)
    expect(node.pool.count(bob.id)).toBe(0)
  })

  test('a URL that is none is said once, and the others are dialled', async () => {
    await using peer = await startPeer()
    const [bob, carol] = [dialled('https://bob.example/btp', 'bob'), dialled(peer.url, 'carol')]
    await using node = createNode([bob, carol])
    await node.chain.start()
    await sessions(node.pool, carol, 1)
    expect(node.pool.count(bob.id)).toBe(0)
    expect(node.sayings().sort()).toEqual(['BTP URL of the account is invalid', 'BTP link is up'])
  })
})

describe('the end', () => {
  test('a stop ends attempts under way and pauses at once; open links stay until the pool is stopped', async () => {
    await using peer = await startPeer()
    await using silent = await startServer()
    const accounts = [
      dialled(peer.url, 'bob'),
      dialled(silent.url, 'carol'),
      dialled('ws://127.0.0.1:1/', 'dave'),
    ]
    const node = createNode(accounts, {
      connectTimeoutMs: 60_000,
      backoffMinMs: 60_000,
      backoffMaxMs: 60_000,
    })
    await node.chain.start()
    await sessions(node.pool, accounts[0] as never, 1)
    await said(node, 'BTP peer is unreachable')
    await node.chain.stop()
    const reply = node.send(accounts[0] as never)
    ;(await peer.inner.next()).fulfill()
    expect(await reply).toEqual(testFulfill())
    await node.pool.stop()
    await sessions(peer.pool, peer.account, 0)
  })

  test('a node that never started stops', async () => {
    await createNode([dialled('ws://127.0.0.1:1/')]).stop()
  })
})

describe('TLS', () => {
  test('a certificate that nobody vouches for is refused; one of a named authority is taken', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    await using server = await startServer(accepting(), createTlsServer({ cert, key }) as never)
    const bob = dialled(`btp+${server.url.replace('ws:', 'wss:')}`)
    await using node = createNode([bob])
    await node.chain.start()
    await said(node, 'BTP peer is unreachable')
    expect(node.pool.count(bob.id)).toBe(0)
    await using other = createNode([bob], { ca: cert })
    await other.chain.start()
    await sessions(other.pool, bob, 1)
  })
})

test('a server that sends garbage breaks nothing', async () => {
  await using server = await startServer(socket => {
    socket.send(Buffer.alloc(70, 6))
    accepting()(socket)
    socket.once('message', async () => {
      for (let length = 0; length < 200; length++) socket.send(Buffer.alloc(length, length))
      await once(socket, 'message')
      socket.send(Buffer.alloc(100_000))
    })
  })
  const bob = dialled(server.url)
  await using node = createNode([bob])
  await node.chain.start()
  await sessions(node.pool, bob, 1)
  expect(await node.send(bob)).toMatchObject({ code: 'T01' })
  await said(node, 'BTP link was lost')
  await sessions(node.pool, bob, 1)
})
