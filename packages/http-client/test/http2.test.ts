import { once } from 'node:events'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer, type Socket } from 'node:net'
import { createListener } from '@ilp/listener'
import { Prepare, type Reply } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { generate } from 'selfsigned'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { HttpClientOptions } from '../src/index.js'
import { listen, outcome, startClient } from './helpers.js'

let tls: { cert: string; key: string }

beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  tls = { cert, key }
})

const start = (options: Partial<HttpClientOptions> = {}) => startClient({ tls: { ca: tls.cert }, ...options })

interface Received {
  readonly stream: ServerHttp2Stream
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
  readonly answer: (reply: Reply) => void
}

/** A peer over HTTP/2 whose answers are the test's. */
async function startPeer(options: SecureServerOptions = {}) {
  const received: Received[] = []
  const takers: ((call: Received) => void)[] = []
  const sessions: ServerHttp2Session[] = []
  const server: Http2SecureServer = createSecureServer({ ...tls, ...options })
  server.on('session', session => void sessions.push(session.on('error', () => {})))
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const answer = (reply: Reply) => {
        stream.respond({ ':status': 200 })
        stream.end(reply.toBuffer())
      }
      const call = { stream, headers, body: Buffer.concat(chunks), answer }
      const taker = takers.shift()
      if (taker) taker(call)
      else received.push(call)
    })
  })
  const host = await listen(server)
  return {
    server,
    sessions,
    url: `https://${host}/ilp?x=1`,
    next: (): Promise<Received> => {
      const call = received.shift()
      return call ? Promise.resolve(call) : new Promise(resolve => takers.push(resolve))
    },
    waiting: () => received.length,
  }
}

describe('a packet', () => {
  test('is sent and answered as over HTTP/1.1', async () => {
    const { send } = await start()
    const peer = await startPeer()
    const prepare = testPrepare({ data: Buffer.alloc(32_767, 9) })
    const reply = send(peer.url, prepare)
    const { headers, body, answer } = await peer.next()
    expect(headers).toMatchObject({
      ':method': 'POST',
      ':path': '/ilp?x=1',
      ':scheme': 'https',
      authorization: 'Bearer token-for-bob',
      'content-type': 'application/octet-stream',
      accept: 'application/octet-stream',
      'content-length': String(prepare.byteLength),
    })
    expect(body).toEqual(prepare.toBuffer())
    const fulfill = testFulfill({ data: Buffer.alloc(32_767, 1) })
    answer(fulfill)
    expect((await reply).toBuffer()).toEqual(fulfill.toBuffer())
  })

  test('waits for none that is slow, on one connection', async () => {
    const { send } = await start()
    const peer = await startPeer()
    const replies = Array.from({ length: 80 }, (_, i) => send(peer.url, testPrepare({ units: BigInt(i) })))
    const calls = await Promise.all(replies.map(() => peer.next()))
    for (const { body, answer } of calls.reverse())
      answer(testReject({ message: Prepare.decode(body).amount }))
    expect((await Promise.all(replies)).map(reply => 'message' in reply && reply.message)).toEqual(
      replies.map((_, i) => String(i)),
    )
    expect(peer.sessions).toHaveLength(1)
  })

  test('goes over a further connection where the peer takes no more on the first, up to the maximum', async () => {
    const { send } = await start({ connectionsMax: 2 })
    const peer = await startPeer({ settings: { maxConcurrentStreams: 2 } })
    const first = send(peer.url)
    ;(await peer.next()).answer(testFulfill())
    await first
    const replies = Array.from({ length: 7 }, () => send(peer.url))
    const calls = await Promise.all([1, 2, 3, 4].map(() => peer.next()))
    expect(peer.sessions).toHaveLength(2)
    expect(peer.waiting()).toBe(0)
    for (const { answer } of calls) answer(testFulfill())
    for (let i = 0; i < 3; i++) (await peer.next()).answer(testFulfill())
    expect(await Promise.all(replies.map(outcome))).toEqual(Array(7).fill('fulfilled'))
    expect(peer.sessions).toHaveLength(2)
  })

  test('that gets no answer is given up alone', async () => {
    const { send } = await start({ lateAnswerMs: 20 })
    const peer = await startPeer()
    // There is a connection already: the packet's time is for its answer.
    const first = send(peer.url)
    ;(await peer.next()).answer(testFulfill())
    await first
    const hanging = send(peer.url, testPrepare({ expiresAt: new Date(Date.now() + 1_500) }))
    const { stream } = await peer.next()
    const other = send(peer.url)
    const { answer } = await peer.next()
    expect(await outcome(hanging)).toBe('R00')
    if (!stream.closed) await once(stream, 'close')
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL)
    answer(testFulfill())
    expect(await outcome(other)).toBe('fulfilled')
  })
})

describe('a failure', () => {
  test.each([
    [
      'a status',
      (stream: ServerHttp2Stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      'T00',
    ],
    [
      'a refusal',
      (stream: ServerHttp2Stream) => stream.respond({ ':status': 401 }, { endStream: true }),
      'T01',
    ],
    [
      'no body',
      (stream: ServerHttp2Stream) => stream.respond({ ':status': 200 }, { endStream: true }),
      'T00',
    ],
    ['a reset', (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR), 'T01'],
    ['a cancellation', (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_CANCEL), 'T01'],
    [
      'an end before the answer',
      (stream: ServerHttp2Stream) => stream.close(constants.NGHTTP2_NO_ERROR),
      'T01',
    ],
    ['a lost connection', (stream: ServerHttp2Stream) => stream.session?.destroy(), 'T01'],
    [
      'a connection given up',
      (stream: ServerHttp2Stream) =>
        stream.session?.destroy(new Error('x'), constants.NGHTTP2_ENHANCE_YOUR_CALM),
      'T01',
    ],
    [
      'a reset within the body',
      (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': 200 })
        stream.write(testFulfill().toBuffer(), () => stream.destroy(new Error('broken')))
      },
      'T01',
    ],
    [
      'a flood',
      (stream: ServerHttp2Stream) => {
        stream.respond({ ':status': 200 })
        stream.write(Buffer.alloc(200_000))
      },
      'T00',
    ],
  ])('by %s is that packet’s, and the next one gets through', async (_, act, code) => {
    const { send } = await start()
    const peer = await startPeer()
    const reply = send(peer.url)
    act((await peer.next()).stream)
    expect(await reply).toMatchObject({ code, triggeredBy: 'test.node' })
    expect(peer.waiting()).toBe(0)
    const next = send(peer.url)
    ;(await peer.next()).answer(testFulfill())
    expect(await outcome(next)).toBe('fulfilled')
  })

  test('to connect is that of all packets that wait for it', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    // Without the certificate's authority.
    expect(await Promise.all([send(peer.url), send(peer.url)].map(outcome))).toEqual(['T01', 'T01'])
    expect(peer.waiting()).toBe(0)
  })

  test('of the other end to be there at all is found by probing', async () => {
    const { send } = await start({ pingIntervalMs: 500 })
    const peer = await startPeer()
    const proxy = await startProxy(new URL(peer.url).host)
    const reply = send(`https://${proxy.host}/ilp`)
    await peer.next()
    proxy.freeze()
    expect(await outcome(reply)).toBe('T01')
  })
})

/** Passes connections on to a host, until it is frozen. */
async function startProxy(host: string) {
  const sockets: Socket[] = []
  const [name, port] = host.split(':')
  const server = createServer(socket => {
    const onward = connect(Number(port), name)
    socket.pipe(onward).pipe(socket)
    sockets.push(
      socket,
      onward.on('error', () => {}),
    )
  })
  const freeze = () => {
    for (const socket of sockets) socket.unpipe().pause()
  }
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  return { host: await listen(server), freeze }
}

describe('a peer that closes', () => {
  test('answers what is under way, and gets the rest over a new connection', async () => {
    const { send } = await start()
    const peer = await startPeer()
    const replies = [send(peer.url), send(peer.url), send(peer.url)]
    const calls = [await peer.next(), await peer.next(), await peer.next()]
    const [session] = peer.sessions
    session?.close()
    // Comes behind the announcement.
    calls.shift()?.answer(testFulfill())
    await replies[0]
    const after = send(peer.url)
    const { stream, answer } = await peer.next()
    expect(stream.session).not.toBe(session)
    answer(testFulfill())
    expect(await outcome(after)).toBe('fulfilled')
    for (const call of calls) call.answer(testFulfill())
    expect(await Promise.all(replies.map(outcome))).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(peer.waiting()).toBe(0)
  })

  test('as our own listener does, loses nothing', async () => {
    const { send } = await start()
    const listener = createListener({ host: '127.0.0.1', port: 0, tls })
    const answers: (() => void)[] = []
    listener.handle('POST', '/ilp', (request, response) => {
      request.resume()
      answers.push(() => void response.end(testFulfill().toBuffer()))
    })
    await listener.start()
    const replies = Array.from({ length: 20 }, () => send(`${listener.url()}/ilp`))
    await vi.waitUntil(() => answers.length === 20, { timeout: 20_000 })
    const stopped = listener.stop()
    for (const answer of answers) answer()
    expect(await Promise.all(replies.map(outcome))).toEqual(Array(20).fill('fulfilled'))
    await stopped
  })
})

describe('a peer without HTTP/2', () => {
  test('gets packets over HTTP/1.1', async () => {
    const { send } = await start({ connectionsMax: 3 })
    const versions = new Set<string>()
    const server = createHttpsServer(tls, (request, response) => {
      versions.add(request.httpVersion)
      request.resume()
      request.on('end', () => response.end(testFulfill().toBuffer()))
    })
    const url = `https://${await listen(server)}/ilp`
    const replies = Array.from({ length: 20 }, () => outcome(send(url)))
    expect(await Promise.all(replies)).toEqual(Array(20).fill('fulfilled'))
    expect(await outcome(send(url))).toBe('fulfilled')
    expect([...versions]).toEqual(['1.1'])
  })

  test('is where a client without it gets as well', async () => {
    const { send } = await start({ http2: false })
    const listener = createListener({ host: '127.0.0.1', port: 0, tls })
    onTestFinished(() => listener.stop())
    listener.handle('POST', '/ilp', (request, response) => {
      request.resume()
      response.end(testReject({ message: String(request.httpVersionMajor) }).toBuffer())
    })
    await listener.start()
    expect(await send(`${listener.url()}/ilp`)).toMatchObject({ message: '1' })
  })
})

test('a stop waits for what is under way, then closes the connections', async () => {
  const { send, stop } = await start()
  const peer = await startPeer()
  const reply = send(peer.url)
  const { answer } = await peer.next()
  const closed = once(peer.sessions[0] as ServerHttp2Session, 'close')
  const stopped = stop()
  await new Promise(resolve => setImmediate(resolve))
  answer(testFulfill())
  expect(await outcome(reply)).toBe('fulfilled')
  await stopped
  await closed
})

test('a stop gives up what the peer does not answer in its time, and what waits for room', async () => {
  const { send, stop } = await start({ stopTimeoutMs: 20, connectionsMax: 1 })
  const peer = await startPeer({ settings: { maxConcurrentStreams: 1 } })
  const replies = [send(peer.url), send(peer.url)]
  const { stream } = await peer.next()
  await stop()
  expect(await Promise.all(replies.map(outcome))).toEqual(['T01', 'T01'])
  if (!stream.closed) await once(stream, 'close')
})

test('a stop gives up a connection that the peer does not let come about', async () => {
  const { send, stop } = await start({ stopTimeoutMs: 20 })
  const sockets: Socket[] = []
  const host = await listen(createServer(socket => void sockets.push(socket)))
  const reply = send(`https://${host}/ilp`)
  await stop()
  expect(await outcome(reply)).toBe('T01')
})
