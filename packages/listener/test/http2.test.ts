import { once } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type HttpResponse, type Listener, type ListenerOptions, problem } from '../src/index.js'
import { local, portOf, readAll, selfSigned } from './helpers.js'

let tls: Awaited<ReturnType<typeof selfSigned>>
let listener: Listener
const sessions: ClientHttp2Session[] = []

beforeAll(async () => {
  tls = await selfSigned()
})
afterEach(async () => {
  for (const session of sessions.splice(0)) session.destroy()
  await listener.stop()
})

async function start(options: Partial<ListenerOptions> = {}): Promise<void> {
  listener = local(options, tls)
  listener.handle('POST', '/:name', (request, response, { name }) => {
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    response.write(`${name}: `)
    request.pipe(response)
  })
  listener.handle('GET', '/hello', (_, response) => {
    response.writeHead(200, { 'Content-Length': 5 })
    response.end('hello')
  })
  listener.handle('GET', '/problem', (_, response) => problem(response, 401, 'no'))
  await listener.start()
}

async function connect(): Promise<ClientHttp2Session> {
  const session = connectHttp2(listener.url(), { ca: tls.cert })
  session.on('error', () => {})
  sessions.push(session)
  await once(session, 'remoteSettings')
  return session
}

async function answerTo(
  stream: ClientHttp2Stream,
): Promise<{ status: unknown; body: string; headers: object }> {
  const chunks: Buffer[] = []
  stream.on('data', chunk => chunks.push(chunk))
  const [[headers]] = (await Promise.all([once(stream, 'response'), once(stream, 'end')])) as [
    [OutgoingHttpHeaders],
    unknown,
  ]
  return { status: headers[':status'], body: Buffer.concat(chunks).toString(), headers }
}

test('clients that ask for HTTP/2 and clients that do not are served on one port', async () => {
  await start()
  expect(listener.url()).toMatch(/^https:/)
  const session = await connect()
  expect(session.alpnProtocol).toBe('h2')
  expect(await answerTo(session.request({ ':method': 'POST', ':path': '/two?x' }).end('body'))).toMatchObject(
    {
      status: 200,
      body: 'two: body',
    },
  )
  const http1 = httpsRequest(`${listener.url()}/one`, { method: 'POST', ca: tls.cert }).end('body')
  const [incoming] = await once(http1, 'response')
  expect([incoming.httpVersion, String(await once(incoming, 'data'))]).toEqual(['1.1', 'one: '])
  incoming.destroy()
})

test('many requests are under way at a time on one connection', async () => {
  await start()
  const session = await connect()
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`)
  const bodies = await Promise.all(
    names.map(name => answerTo(session.request({ ':method': 'POST', ':path': `/${name}` }).end('x'))),
  )
  expect(bodies.map(({ body }) => body)).toEqual(names.map(name => `${name}: x`))
})

test('problems and refusals are those of HTTP/1.1', async () => {
  await start()
  const session = await connect()
  const get = (path: string, method = 'GET') =>
    answerTo(session.request({ ':method': method, ':path': path }))
  expect(await get('/problem')).toMatchObject({
    status: 401,
    headers: { 'content-type': 'application/problem+json' },
  })
  expect(await get('/a/b')).toMatchObject({ status: 404 })
  expect(await get('/hello', 'DELETE')).toMatchObject({
    status: 405,
    headers: { allow: 'GET, OPTIONS, HEAD' },
  })
  expect(await get('/hello', 'HEAD')).toMatchObject({
    status: 200,
    body: '',
    headers: { 'content-length': '5' },
  })
  expect(await get('/hello')).toMatchObject({ status: 200, body: 'hello' })
})

describe('limits', () => {
  test('a client is told how many requests it may have under way', async () => {
    await start({ streamsMax: 7 })
    expect((await connect()).remoteSettings.maxConcurrentStreams).toBe(7)
  })

  test('a body that takes too long is given up, and others are not', async () => {
    await start({ requestTimeoutMs: 500 })
    const session = await connect()
    const slow = session.request({ ':method': 'POST', ':path': '/slow' })
    slow.on('error', () => {})
    const trickle = setInterval(() => slow.write('x'), 20)
    await once(slow, 'close')
    clearInterval(trickle)
    expect(slow.rstCode).toBe(constants.NGHTTP2_CANCEL)
    expect(await answerTo(session.request({ ':method': 'POST', ':path': '/next' }).end('x'))).toMatchObject({
      body: 'next: x',
    })
  })

  test('an answer has all the time it needs', async () => {
    await start({ requestTimeoutMs: 300 })
    listener.handle('PUT', '/late', (request, response) => {
      request.resume()
      setTimeout(() => response.end('late'), 1_000)
    })
    const stream = (await connect()).request({ ':method': 'PUT', ':path': '/late' }).end('x')
    expect(await answerTo(stream)).toMatchObject({ body: 'late' })
  })

  test('an idle connection is closed', async () => {
    await start({ idleTimeoutMs: 500 })
    await once(await connect(), 'close')
  })

  test('a handshake that takes too long is given up', async () => {
    await start({ headersTimeoutMs: 50 })
    await once(
      connectTcp(portOf(listener), '127.0.0.1').on('error', () => {}),
      'close',
    )
  })
})

describe('a stop', () => {
  test('announces itself, and waits for the answers of the requests under way', async () => {
    await start()
    const held = new Promise<HttpResponse>(resolve =>
      listener.handle('PUT', '/held', (request, response) => {
        request.resume()
        resolve(response)
      }),
    )
    const session = await connect()
    const answer = answerTo(session.request({ ':method': 'PUT', ':path': '/held' }).end())
    const response = await held
    const goaway = once(session, 'goaway')
    const stop = listener.stop()
    expect((await goaway)[0]).toBe(constants.NGHTTP2_NO_ERROR)
    response.end('kept')
    expect(await answer).toMatchObject({ status: 200, body: 'kept' })
    await stop
  })

  test('closes idle connections at once, and the rest when its time is over', async () => {
    await start({ stopTimeoutMs: 50 })
    listener.handle('PUT', '/held', () => {})
    const idle = await connect()
    const busy = await connect()
    const stream = busy.request({ ':method': 'PUT', ':path': '/held' }).end()
    stream.on('error', () => {})
    await new Promise(resolve => busy.ping(resolve))
    const closed = Promise.all([once(idle, 'close'), once(busy, 'close')])
    await listener.stop()
    await closed
  })
})

test('WebSocket is served over TLS', async () => {
  await start()
  const server = new WebSocketServer({ noServer: true })
  listener.upgrade('/btp', (request, socket, head) =>
    server.handleUpgrade(request, socket, head, connection => connection.send('hello')),
  )
  const client = new WebSocket(`wss://127.0.0.1:${portOf(listener)}/btp`, { ca: tls.cert })
  expect(String((await once(client, 'message'))[0])).toBe('hello')
  await listener.stop()
  expect(client.readyState).toBe(WebSocket.OPEN)
  client.terminate()
})

test('an offer of another protocol is ignored over TLS as well', async () => {
  await start()
  const socket = connectTls({ port: portOf(listener), ca: tls.cert, servername: 'localhost' })
  const answer = readAll(socket)
  socket.write(
    'POST /one HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody',
  )
  socket.write('GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect((await answer).match(/HTTP\/1.1 \d+|body|hello/g)).toEqual([
    'HTTP/1.1 200',
    'body',
    'HTTP/1.1 200',
    'hello',
  ])
})

test('garbage and broken handshakes harm nobody', async () => {
  await start()
  for (const text of ['garbage\r\n\r\n', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\xff\xff']) {
    const socket = connectTcp(portOf(listener), '127.0.0.1').on('error', () => {})
    socket.end(text)
    socket.resume()
    await once(socket, 'close')
  }
  const socket = connectTls({
    port: portOf(listener),
    ca: tls.cert,
    ALPNProtocols: ['h2'],
    servername: 'localhost',
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  socket.resume()
  socket.write('no preface of HTTP/2 at all, by no means')
  await once(socket, 'close')
  expect((await answerTo((await connect()).request({ ':path': '/hello' }))).body).toBe('hello')
})
