import { once } from 'node:events'
import { Agent } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { encodeAuth, encodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import { isFulfill } from '@ilp/service-core'
import { testFulfill, testReject } from '@ilp/service-testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BtpPeer } from '../peers/btp-peer.js'
import { httpPost } from '../peers/http-post.js'
import { hardlyRequest } from './http-requests.js'
import { cases, mutant, oneOf, type Random, seeded } from './random.js'
import { deliver, inLanes, Opcode, upgradeRequest, webSocketFrame } from './raw-socket.js'
import { btpToken, child, httpToken, packetOf, payment, type Scene, startScene } from './scene.js'

/** Connections at a time. */
const LANES = 32
/** What memory may grow by from one batch to the next: less than anything that is kept of each case would take. */
const GROWTH_MAX = 1_000_000

let scene: Scene
/** An HTTP server that the connector posts packets to; what it answers is no answer. */
const web = createServer({ allowHalfOpen: true })
let answerOfWeb = (): Buffer => Buffer.alloc(0)

beforeAll(async () => {
  web.on('connection', socket => {
    socket.on('error', () => {})
    socket.once('data', () => socket.resume().end(answerOfWeb()))
  })
  await once(web.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/ilp`
  const shop = { username: 'shop', relation: 'local', asset: { code: 'USD', scale: 9 } }
  scene = await startScene({
    accounts: [child('liar'), child('web', { btp: undefined, http: { outgoing: { url } } }), shop],
    defaultReceiver: 'shop',
  })
  await scene.remember()
})
afterAll(async () => {
  await scene.stop()
  web.close()
})

/** Two batches of the same kind: nothing is harmed, and the second takes no memory that the first didn't. */
async function twice(batch: (random: Random) => Promise<unknown>): Promise<void> {
  await batch(seeded(1))
  await scene.unharmed()
  const { memory } = await scene.vitals()
  await batch(seeded(2))
  await scene.unharmed()
  expect((await scene.vitals()).memory - memory).toBeLessThan(GROWTH_MAX)
}

/** Counts what is told to it. */
function tally() {
  const counts: Record<string, number> = {}
  const count = (what: string | number) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  return { counts, count }
}

/** Packets of `evil`, none of which anybody fulfils. */
const packets = (): Buffer[] => [
  payment('sink').toBuffer(),
  payment('sink', { units: 0n, data: Buffer.alloc(300, 'data') }).toBuffer(),
  payment('shop.0123456789abcdefghij', { data: Buffer.alloc(60, 'stream') }).toBuffer(),
  payment('config', { destination: 'peer.config', units: 0n }).toBuffer(),
  testFulfill().toBuffer(),
  testReject().toBuffer(),
]

const ilpFrames = (): Buffer[] => [
  ...packets().map((packet, id) => encodeIlp(FrameType.MESSAGE, id, packetOf(packet))),
  encodeIlp(FrameType.RESPONSE, 7, packetOf(testFulfill().toBuffer())),
  encodeFrame({ type: FrameType.TRANSFER, requestId: 8, amount: 5n, protocolData: [] }),
  encodeRefusal(9, 'F00', 'no'),
  encodeFrame({
    type: FrameType.MESSAGE,
    requestId: 10,
    protocolData: [
      { protocolName: 'ilp', contentType: 0, data: payment('sink').toBuffer() },
      { protocolName: 'info', contentType: 2, data: Buffer.from('{}') },
    ],
  }),
]

const auth = (): Buffer => encodeAuth(0, { token: btpToken('evil'), username: 'evil' })

test('3,000 requests that are hardly HTTP, to both listeners', async () => {
  const { counts, count } = tally()
  await twice(random => {
    const bodies = packets()
    const requests = cases(1_500, () => {
      const request = hardlyRequest(random, httpToken('evil'), bodies)
      return random() < 0.5 ? request : mutant(random, [request, upgradeRequest()])
    })
    return inLanes(requests, LANES, async (request, index) => {
      const answer = await deliver(index % 4 === 0 ? scene.adminPort : scene.port, request)
      count(answer.toString('latin1', 9, 12))
    })
  })
  for (const status of ['101', '200', '400', '401', '404', '405', '505'])
    expect(counts).toHaveProperty(status)
})

test('2,000 bodies that are hardly packets', async () => {
  const { counts, count } = tally()
  await twice(async random => {
    const options = { token: httpToken('evil'), agent: new Agent({ keepAlive: true, maxSockets: LANES }) }
    const samples = packets()
    const bodies = cases(1_000, () => mutant(random, samples))
    await inLanes(bodies, LANES, async body => {
      const answer = await httpPost(scene.url, body, options)
      count(answer.status === 200 ? (answer.body[0] as number) : answer.status)
    })
    options.agent.destroy()
  })
  // A Reject, and what is no Prepare.
  expect(new Set(Object.keys(counts))).toEqual(new Set(['14', '400']))
})

test('2,000 frames from clients that have not authenticated', async () => {
  const samples = [auth(), auth(), ...ilpFrames()]
  const framed = samples.map(sample => webSocketFrame(sample))
  const { counts, count } = tally()
  await twice(random => {
    const frames = cases(1_000, () =>
      random() < 0.5 ? webSocketFrame(mutant(random, samples)) : mutant(random, framed),
    )
    return inLanes(frames, LANES, async frame => {
      const answer = await deliver(scene.port, Buffer.concat([upgradeRequest(), frame]))
      const behindHead = answer.subarray(answer.indexOf('\r\n\r\n') + 4)
      // The first byte is of a WebSocket frame; one of a BTP frame follows its head.
      count(behindHead[0] === 0x82 ? `BTP ${behindHead[2]}` : `close`)
    })
  })
  for (const outcome of ['close', `BTP ${FrameType.RESPONSE}`, `BTP ${FrameType.ERROR}`]) {
    expect(counts).toHaveProperty([outcome])
  }
})

test('10,000 frames from a client that has authenticated', async () => {
  let rejected = 0
  let closed = 0
  await twice(async random => {
    const samples = ilpFrames()
    let evil = await scene.open('evil')
    for (let sent = 0; sent < 5_000; ) {
      for (let burst = 0; burst < 50; burst++, sent++) evil.write(mutant(random, samples))
      const answer = await evil.send(payment('sink')).catch(() => undefined)
      if (answer && !isFulfill(answer)) rejected += 1
      else {
        closed += 1
        await evil.closed
        evil = await scene.open('evil')
      }
    }
    await evil.close()
  })
  expect(rejected + closed).toBe(200)
  expect(rejected).toBeGreaterThan(100)
})

test('2,000 connections whose WebSocket frames are none, behind an authentication', async () => {
  const [frame = Buffer.alloc(0)] = ilpFrames()
  const samples = [
    webSocketFrame(frame),
    Buffer.concat([
      webSocketFrame(frame.subarray(0, 20), { isLast: false }),
      webSocketFrame(Buffer.from('ping'), { opcode: Opcode.PING }),
      webSocketFrame(frame.subarray(20), { opcode: Opcode.CONTINUATION }),
    ]),
    webSocketFrame(Buffer.from('text'), { opcode: Opcode.TEXT }),
    webSocketFrame(Buffer.from([3, 0xe8]), { opcode: Opcode.CLOSE }),
    webSocketFrame(Buffer.alloc(125), { opcode: Opcode.PONG }),
  ]
  const head = Buffer.concat([upgradeRequest(), webSocketFrame(auth())])
  await twice(random =>
    inLanes(
      cases(1_000, () => mutant(random, samples)),
      LANES,
      async frames => {
        const answer = await deliver(scene.port, Buffer.concat([head, frames]))
        expect(answer.toString('latin1', 9, 12)).toBe('101')
      },
    ),
  )
})

test('2,000 answers from a BTP next hop that are hardly any', async () => {
  const liar = await scene.open('liar')
  await scene.remember()
  const { counts, count } = tally()
  await twice(async random => {
    liar.onPrepare = (_, id, peer: BtpPeer) => {
      const samples = [
        encodeIlp(FrameType.RESPONSE, id, testFulfill()),
        encodeIlp(FrameType.RESPONSE, id, testReject()),
        encodeFrame({ type: FrameType.RESPONSE, requestId: id, protocolData: [] }),
        encodeRefusal(id, 'F00', 'no'),
      ]
      peer.write(random() < 0.2 ? oneOf(random, samples) : mutant(random, samples))
      peer.respond(id, testReject({ code: 'F98' }))
    }
    const fields = { executionCondition: Buffer.alloc(32, 1), units: 1_000n }
    const answers = Array.from({ length: 1_000 }, () => scene.good.send(payment('liar', fields)))
    for (const answer of await Promise.all(answers)) count(isFulfill(answer) ? 'fulfilled' : answer.code)
  })
  expect(counts).not.toHaveProperty('fulfilled')
  for (const code of ['F98', 'F99', 'F05', 'T00']) expect(counts).toHaveProperty(code)
})

test('2,000 answers from an HTTP next hop that are hardly any', async () => {
  const response = (status: string, body: Buffer) =>
    Buffer.concat([
      Buffer.from(
        `HTTP/1.1 ${status}\r\nContent-Type: application/octet-stream\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ])
  const samples = [
    response('200 OK', testFulfill().toBuffer()),
    response('200 OK', testReject().toBuffer()),
    response('500 Oops', Buffer.from('oops')),
    Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'),
    Buffer.from(
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    ),
    Buffer.from('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  ]
  const { counts, count } = tally()
  await twice(async random => {
    answerOfWeb = () => (random() < 0.2 ? oneOf(random, samples) : mutant(random, samples))
    const fields = { executionCondition: Buffer.alloc(32, 1), units: 1_000n }
    const answers = Array.from({ length: 1_000 }, () => scene.good.send(payment('web', fields)))
    for (const answer of await Promise.all(answers)) count(isFulfill(answer) ? 'fulfilled' : answer.code)
  })
  expect(counts).not.toHaveProperty('fulfilled')
  for (const code of ['F99', 'F05', 'T00', 'T01']) expect(counts).toHaveProperty(code)
})
