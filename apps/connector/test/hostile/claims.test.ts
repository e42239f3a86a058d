import { encodeAuth, encodeIlp, FrameType } from '@ilp/btp-packet'
import { isFulfill } from '@ilp/service-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpPost } from '../peers/http-post.js'
import { Opcode, RawSocket, upgradeRequest, webSocketFrame } from './raw-socket.js'
import { btpToken, httpToken, packetOf, payment, type Scene, startScene } from './scene.js'

/** Twice the largest body or frame that is taken: room for its neighbours. */
const BUFFER_MAX = 131_072
/** What the process may grow by, in octets, while it refuses claims of 2^31 and more. */
const GROWTH_MAX = 50_000_000

let scene: Scene
let memoryMax: number

beforeAll(async () => {
  scene = await startScene()
  await scene.remember()
  ;({ memoryMax } = await scene.vitals())
})
afterAll(async () => {
  await scene.unharmed()
  const now = await scene.vitals()
  await scene.stop()
  expect(now.bufferMax).toBeLessThan(BUFFER_MAX)
  expect(now.memoryMax - memoryMax).toBeLessThan(GROWTH_MAX)
})

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
/** Lengths as OER writes them: 2^31, 2^32-1, 2^63, 2^64-1, 2^1008-1, and one that has no end. */
const LENGTHS = [
  '84 80000000',
  '84 ffffffff',
  '88 8000000000000000',
  '88 ffffffffffffffff',
  `fe ${'ff'.repeat(126)}`,
  '80',
]

describe('over HTTP', () => {
  const head = (lines: string) =>
    `POST /ilp HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer ${httpToken('evil')}\r\n` +
    `Content-Type: application/octet-stream\r\n${lines}\r\n\r\n`

  test.each<[string, string | Buffer, number]>([
    ['a body one octet too long', head('Content-Length: 65537'), 413],
    ['a body of 2^31 octets', head('Content-Length: 2147483648'), 413],
    ['a body of 2^63-1 octets', head('Content-Length: 9223372036854775807'), 413],
    ['a body of 2^64 octets', head('Content-Length: 18446744073709551616'), 400],
    ['a body that is asked for first', head('Content-Length: 2147483648\r\nExpect: 100-continue'), 413],
    ['a chunk of 2^64 octets', `${head('Transfer-Encoding: chunked')}10000000000000000\r\n`, 400],
    [
      'a chunk of 2^63-1 octets that begins to come',
      Buffer.concat([
        Buffer.from(`${head('Transfer-Encoding: chunked')}7fffffffffffffff\r\n`),
        Buffer.alloc(70_000),
      ]),
      413,
    ],
    ['a head without an end', `GET /ilp HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, 431],
    ['10,000 header lines', `GET /ilp HTTP/1.1\r\n${'X: y\r\n'.repeat(10_000)}`, 431],
  ])('%s is refused at once, and the connection closed', async (_, bytes, status) => {
    const raw = new RawSocket(scene.port)
    raw.write(bytes)
    await raw.closed
    expect(raw.received.toString('latin1')).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  })
})

describe('in the frames of a WebSocket', () => {
  const auth = webSocketFrame(encodeAuth(0, { token: btpToken('evil'), username: undefined }))
  const none = Buffer.alloc(0)

  describe.each([
    ['before', none],
    ['behind', auth],
  ])('%s the authentication', (_, first) => {
    test.each<[string, Buffer]>([
      ['65,537 octets', webSocketFrame(none, { claim: 65_537n })],
      ['2^31 octets', webSocketFrame(none, { claim: 2n ** 31n })],
      ['2^53+1 octets', webSocketFrame(none, { claim: 2n ** 53n + 1n })],
      ['2^63 octets', webSocketFrame(none, { claim: 2n ** 63n })],
      ['2^64-1 octets', webSocketFrame(none, { claim: 2n ** 64n - 1n })],
      ['a ping of 126 octets', webSocketFrame(Buffer.alloc(126), { opcode: Opcode.PING })],
      ['text', webSocketFrame(Buffer.from('text'), { opcode: Opcode.TEXT })],
      [
        'pieces that are too long together',
        Buffer.concat([
          webSocketFrame(Buffer.alloc(40_000), { isLast: false }),
          webSocketFrame(Buffer.alloc(40_000), { opcode: Opcode.CONTINUATION, isLast: false }),
        ]),
      ],
      [
        '10,000 pieces of nothing',
        Buffer.concat([
          webSocketFrame(none, { isLast: false }),
          ...Array<Buffer>(10_000).fill(webSocketFrame(none, { opcode: Opcode.CONTINUATION, isLast: false })),
        ]),
      ],
    ])('%s: the connection is closed', async (_, bytes) => {
      const raw = new RawSocket(scene.port)
      raw.write(Buffer.concat([upgradeRequest(), first, bytes]))
      // The close of RFC 6455, or of the connection; this side never closes by itself.
      await raw.until(/\x88[\s\S]/)
      expect(raw.received.toString('latin1')).toMatch(/^HTTP\/1.1 101 /)
      await raw.destroy()
    })
  })
})

/** BTP frames with one length in each place that has one. */
const btpClaims = (length: string): Buffer[] =>
  [
    // The contents; the count of sub-protocols; a name; data; the data of an ILP packet.
    `06 00000001 ${length}`,
    `06 00000001 7f ${length}`,
    `06 00000001 7f 0101 ${length}`,
    `06 00000001 7f 0101 03696c70 00 ${length}`,
    `01 00000001 7f 0101 03696c70 00 ${length}`,
    `02 00000001 7f 463030 ${length}`,
    `02 00000001 7f 463030 0141 ${length}`,
    `07 00000001 7f 0000000000000000 ${length}`,
  ].map(text => Buffer.concat([hex(text), Buffer.alloc(200)]))

const manyProtocols = hex(`06 00000001 82ea63 82ea60 ${'ff'.repeat(60_000)}`)

describe('in BTP frames', () => {
  const claims = [...LENGTHS.flatMap(btpClaims), manyProtocols]

  test('before the authentication: each ends its connection without a word', async () => {
    for (const bytes of claims) {
      const raw = new RawSocket(scene.port)
      raw.write(Buffer.concat([upgradeRequest(), webSocketFrame(bytes)]))
      const answer = await raw.until(/\r\n\r\n[\s\S]{4}/)
      // Status 1002, and no BTP frame before it.
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('\x88\x02\x03\xea')
      await raw.destroy()
    }
  })

  test('behind the authentication: each is ignored, and the session goes on', async () => {
    const evil = await scene.open('evil')
    for (const bytes of claims) evil.write(bytes)
    expect(await evil.send(payment('sink'))).toMatchObject({ code: 'F99' })
    await evil.close()
  })
})

describe('in ILP packets', () => {
  const valid = payment('sink', { data: Buffer.alloc(100) }).toBuffer()
  // Behind the type; behind amount, expiry and condition; before the data.
  const places = [1, 3 + 8 + 17 + 32, valid.length - 101]
  const claims = LENGTHS.flatMap(length =>
    places.map(place => Buffer.concat([valid.subarray(0, place), hex(length), valid.subarray(place + 1)])),
  )

  test('each is rejected or refused', async () => {
    for (const bytes of claims) {
      expect(await scene.good.send(packetOf(bytes))).toMatchObject({ code: 'F01' })
      expect((await httpPost(scene.url, bytes, { token: httpToken('good') })).status).toBe(400)
    }
  })

  test('in an answer of the next hop, each rejects the packet with T00', async () => {
    const lengths = ['8480000000', '888000000000000000', '80']
    const answers = lengths.flatMap(length => [
      hex(`0d ${length}`),
      Buffer.concat([hex(`0d 7f ${'07'.repeat(32)} ${length}`), Buffer.alloc(200)]),
      Buffer.concat([hex(`0e 7f 463939 ${length}`), Buffer.alloc(200)]),
    ])
    const { onPrepare } = scene.sink
    for (const answer of answers) {
      scene.sink.onPrepare = (_, id, peer) => peer.write(encodeIlp(FrameType.RESPONSE, id, packetOf(answer)))
      const reply = await scene.good.send(payment('sink'))
      expect(!isFulfill(reply) && reply.code).toBe('T00')
    }
    scene.sink.onPrepare = onPrepare
  })
})
