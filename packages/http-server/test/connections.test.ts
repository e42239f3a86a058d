import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { decodeReply, isFulfill } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { generate } from 'selfsigned'
import { describe, expect, test } from 'vitest'
import { dial, HEADERS, head, post, readAll, startNode } from './helpers.js'

const bytes = testPrepare().toBuffer()
const request = head(`Content-Length: ${bytes.length}`)

test('packets pipelined on one connection are in the chain at a time, and answered in their order', async () => {
  await using node = await startNode()
  const socket = dial(
    node.port,
    request,
    bytes,
    request,
    bytes,
    head('Content-Length: 1\r\nConnection: close'),
    'x',
  )
  const answers = readAll(socket)
  const first = await node.next()
  const second = await node.next()
  second.reject('T00')
  first.fulfill()
  expect((await answers).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400'])
})

test('a hundred connections at a time get each their own answer', async () => {
  await using node = await startNode()
  const answers = Array.from({ length: 100 }, async (_, i) => {
    const response = await post(`${node.url}/ilp`, testPrepare({ units: BigInt(i) }))
    return Buffer.from(await response.arrayBuffer())
  })
  const calls = await Promise.all(answers.map(() => node.next()))
  for (const { request, reject } of calls.reverse()) reject(`X${request.prepare.amount.padStart(2, '0')}`)
  const codes = (await Promise.all(answers))
    .map(body => decodeReply(body))
    .map(reply => isFulfill(reply) || reply.code)
  expect(codes).toEqual(answers.map((_, i) => `X${String(i).padStart(2, '0')}`))
})

test('a packet whose client has left stays in the chain, and its answer is dropped', async () => {
  await using node = await startNode()
  const socket = dial(node.port, request, bytes)
  const gone = await node.next()
  socket.resetAndDestroy()
  await once(socket, 'close')
  const pipelined = dial(node.port, request, bytes, request, bytes)
  const [third, fourth] = [await node.next(), await node.next()]
  pipelined.resetAndDestroy()
  await once(pipelined, 'close')
  const response = post(`${node.url}/ilp`, testPrepare())
  const last = await node.next()
  for (const call of [gone, fourth, third, last]) call.fulfill()
  expect((await response).status).toBe(200)
  expect(node.logger.entries).toEqual([])
})

describe('HTTP/2', () => {
  async function connect(url: string, ca: string): Promise<ClientHttp2Session> {
    const session = connectHttp2(url, { ca })
    await once(session, 'connect')
    return session
  }

  async function startSecure() {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    const node = await startNode({ tls: { cert, key }, server: { bodyBytesMax: 1_000 } })
    return { node, session: await connect(node.url, cert) }
  }

  const send = (session: ClientHttp2Session, body: Uint8Array, headers = {}) => {
    const stream = session.request({ ':method': 'POST', ':path': '/ilp', ...HEADERS, ...headers })
    const chunks: Buffer[] = []
    stream.on('data', piece => chunks.push(piece))
    stream.end(body)
    return Promise.all([once(stream, 'response'), once(stream, 'end')]).then(([[answer]]) => ({
      status: answer[':status'],
      body: Buffer.concat(chunks),
    }))
  }

  test('takes packets of many requests at a time, and refuses what HTTP/1.1 refuses', async () => {
    const { node, session } = await startSecure()
    const answers = Array.from({ length: 50 }, () => send(session, bytes))
    const calls = await Promise.all(answers.map(() => node.next()))
    for (const { fulfill } of calls.reverse()) fulfill()
    for (const { status, body } of await Promise.all(answers)) {
      expect([status, isFulfill(decodeReply(body))]).toEqual([200, true])
    }
    expect(await send(session, bytes, { authorization: 'Bearer wrong' })).toMatchObject({ status: 401 })
    expect(await send(session, bytes, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
    expect(await send(session, Buffer.from('x'))).toMatchObject({ status: 400 })
    expect(await send(session, Buffer.alloc(1_001))).toMatchObject({ status: 413 })
    session.destroy()
    await node.stop()
  })

  test('a packet whose stream was given up stays in the chain', async () => {
    const { node, session } = await startSecure()
    const stream = session.request({ ':method': 'POST', ':path': '/ilp', ...HEADERS }).end(bytes)
    const call = await node.next()
    stream.close()
    await once(stream, 'close')
    const answer = send(session, bytes)
    const next = await node.next()
    call.fulfill()
    next.fulfill()
    expect((await answer).status).toBe(200)
    expect(node.logger.entries).toEqual([])
    session.destroy()
    await node.stop()
  })
})

describe('a stop', () => {
  test('of the chain refuses new packets with 503, and waits for the answers of those in flight', async () => {
    const node = await startNode()
    const inFlight = post(`${node.url}/ilp`, testPrepare())
    const { fulfill } = await node.next()
    let stopped = false
    const stop = node.stopChain().then(() => {
      stopped = true
    })
    const refused = await post(`${node.url}/ilp`, testPrepare())
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close'])
    expect(stopped).toBe(false)
    fulfill()
    expect((await inFlight).status).toBe(200)
    await stop
    expect((await post(`${node.url}/ilp`, testPrepare())).status).toBe(503)
    await node.stop()
  })

  test('refuses a packet whose body was still coming', async () => {
    const node = await startNode()
    const socket = dial(node.port, request)
    const answer = readAll(socket)
    const other = post(`${node.url}/ilp`, testPrepare())
    const { fulfill } = await node.next()
    const stop = node.stopChain()
    socket.end(bytes)
    expect(await answer).toMatch(/^HTTP\/1.1 503 /)
    fulfill()
    await Promise.all([stop, other])
    await node.stop()
  })

  test('waits no longer than it may', async () => {
    const node = await startNode({ server: { stopTimeoutMs: 30 }, listener: { stopTimeoutMs: 30 } })
    const lost = post(`${node.url}/ilp`, testPrepare()).catch(() => 'lost')
    await node.next()
    await node.stopChain()
    await node.stop()
    expect(await lost).toBe('lost')
  })

  test('of the listener alone waits for the packets in flight', async () => {
    const node = await startNode()
    const inFlight = post(`${node.url}/ilp`, testPrepare())
    const { fulfill } = await node.next()
    const stop = node.stop()
    fulfill()
    expect((await inFlight).status).toBe(200)
    await stop
  })
})
