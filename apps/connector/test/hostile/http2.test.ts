import { connect } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hardlyRequest } from './http-requests.js'
import { cases, mutant, oneOf, type Random, seeded, upTo } from './random.js'
import { deliver, inLanes } from './raw-socket.js'
import { httpToken, payment, type Scene, startScene } from './scene.js'

const LANES = 16
/** How long this side waits for answers, and whether the connector closes the connection. */
const PATIENCE_MS = 100
/** `node:http2` leaves a connection whose frames are none to its idle timeout, and a body that never ends to its own. */
const GOES_LATER = ['TCPSocketWrap', 'Timeout']
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const Type = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW: 8,
  CONTINUATION: 9,
}
const END_STREAM = 1
const END_HEADERS = 4

let scene: Scene

beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
  })
  scene = await startScene({ tls: { cert, key } })
  await scene.remember()
})
afterAll(() => scene.stop())

/** A frame of RFC 9113. */
function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array,
  claim = payload.length,
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(claim, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Headers as RFC 7541 writes literals. */
const headerBlock = (headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(headers).map(([name, value]) =>
      Buffer.from(
        `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
        'latin1',
      ),
    ),
  )

const HEADERS = headerBlock({
  ':method': 'POST',
  ':scheme': 'https',
  ':path': '/ilp',
  ':authority': 'node',
  authorization: `Bearer ${httpToken('evil')}`,
  'content-type': 'application/octet-stream',
})
const octets = (hex: string): Buffer => Buffer.from(hex, 'hex')
const SETTINGS = frame(Type.SETTINGS, 0, 0, octets(''))

/** A connection's frames, some of which come where they may not. */
function hardlyFrames(random: Random): Buffer {
  const packet = payment('sink').toBuffer()
  const frames = [SETTINGS]
  for (let stream = 1, streams = 1 + upTo(random, 3); streams > 0; streams--, stream += 2) {
    frames.push(
      frame(Type.HEADERS, END_HEADERS, stream, HEADERS),
      frame(Type.DATA, END_STREAM, stream, packet),
      ...Array.from({ length: upTo(random, 2) }, () =>
        oneOf(random, [
          frame(Type.RST_STREAM, 0, stream, octets('00000008')),
          frame(Type.WINDOW, 0, stream, octets('7fffffff')),
          frame(Type.WINDOW, 0, 0, octets('00000000')),
          frame(Type.PING, 0, 0, octets('0011223344556677')),
          frame(Type.GOAWAY, 0, 0, octets('0000000000000000')),
          frame(Type.PRIORITY, 0, stream, octets('0000000110')),
          frame(Type.PUSH, END_HEADERS, stream, octets('00000002')),
          frame(Type.CONTINUATION, 0, stream, HEADERS),
          frame(Type.SETTINGS, 0, 0, octets('000400000000')),
          frame(Type.HEADERS, 0, stream + 100, HEADERS),
          frame(Type.DATA, 0, stream, packet, 0xff_ffff),
          frame(Type.HEADERS, END_HEADERS, stream + 200, octets('ffffffffffffff7f')),
        ]),
      ),
    )
  }
  const [first = SETTINGS] = frames
  return Buffer.concat(random() < 0.5 ? [first, mutant(random, [Buffer.concat(frames)])] : frames)
}

/** Sends all of it over TLS and resolves with what came back. */
async function deliverOverTls(protocol: 'h2' | 'http/1.1', bytes: Buffer): Promise<Buffer> {
  const socket = connect({
    port: scene.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ALPNProtocols: [protocol],
  })
  const chunks: Buffer[] = []
  socket.on('error', () => {}).on('data', chunk => chunks.push(chunk))
  socket.write(bytes)
  let timer: NodeJS.Timeout | undefined
  socket.once('secureConnect', () => {
    timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
  })
  await new Promise(resolve => socket.once('close', resolve))
  clearTimeout(timer)
  return Buffer.concat(chunks)
}

test('bytes that are no TLS', async () => {
  const random = seeded(1)
  const hello = octets(`160301002f0100002b0303${'00'.repeat(32)}000002130101000000`)
  const greetings = cases(300, () => mutant(random, [hello, PREFACE]))
  await inLanes(greetings, LANES, bytes => deliver(scene.port, bytes))
  await scene.unharmed()
})

test('requests over TLS that are hardly HTTP/1.1', async () => {
  const random = seeded(2)
  const bodies = [payment('sink').toBuffer()]
  const requests = cases(200, () => hardlyRequest(random, httpToken('evil'), bodies))
  await inLanes(requests, LANES, bytes => deliverOverTls('http/1.1', bytes))
  await scene.unharmed()
})

test('connections that are hardly HTTP/2', async () => {
  const random = seeded(3)
  let answered = 0
  const connections = cases(300, () => Buffer.concat([PREFACE, hardlyFrames(random)]))
  await inLanes(connections, LANES, async bytes => {
    const answer = await deliverOverTls('h2', bytes)
    if (answer.includes('test.receiver')) answered += 1
  })
  expect(answered).toBeGreaterThan(10)
  await scene.unharmed(GOES_LATER)
})

test('5,000 requests on one connection, each called off as soon as it is sent', async () => {
  const packet = payment('sink').toBuffer()
  const requests = Array.from({ length: 5_000 }, (_, i) =>
    Buffer.concat([
      frame(Type.HEADERS, END_HEADERS, 2 * i + 1, HEADERS),
      frame(Type.DATA, END_STREAM, 2 * i + 1, packet),
      frame(Type.RST_STREAM, 0, 2 * i + 1, octets('00000008')),
    ]),
  )
  await deliverOverTls('h2', Buffer.concat([PREFACE, SETTINGS, ...requests]))
  await scene.unharmed(GOES_LATER)
})
