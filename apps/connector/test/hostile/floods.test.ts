import { encodeAuth, encodeIlp, FrameType } from '@ilp/btp-packet'
import { isFulfill, type Reply } from '@ilp/service-core'
import { testFulfill, testReject } from '@ilp/service-testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BtpPeer } from '../peers/btp-peer.js'
import { eventually } from '../peers/eventually.js'
import { httpPost } from '../peers/http-post.js'
import { Opcode, RawSocket, upgradeRequest, webSocketFrame } from './raw-socket.js'
import { btpToken, child, httpToken, payment, type Scene, startScene } from './scene.js'

const DATA = Buffer.alloc(32_767)
/** What the connector may have in memory beside what it has at rest: a full socket of 16 MiB, and room. */
const BURST_MAX = 40_000_000

let scene: Scene
let atRest: number
const raws: RawSocket[] = []

beforeAll(async () => {
  scene = await startScene({
    accounts: [child('deaf'), child('holder')],
    // Packets that are to be in flight at the same time stay there until all of them are.
    expiry: { minMessageWindowMs: 100, maxHoldMs: 60_000 },
  })
  await scene.remember()
  scene.receiver.onPrepare = (_, id, peer) => peer.respond(id, testFulfill({ data: DATA }))
  atRest = (await scene.vitals()).memory
})
afterEach(async () => {
  await Promise.all(raws.splice(0).map(raw => raw.destroy()))
  await scene.unharmed()
})
afterAll(() => scene.stop())

const codeOf = (reply: Reply): string => (isFulfill(reply) ? 'fulfilled' : reply.code)
const countOf = (codes: readonly string[], code: string): number => codes.filter(one => one === code).length

/** A connection that writes these bytes, and reads nothing. */
function unread(bytes: Buffer): RawSocket {
  const raw = new RawSocket(scene.port)
  raw.socket.pause()
  raw.write(bytes)
  raws.push(raw)
  return raw
}

/** The opening of a session of this account. */
const session = (username: string): Buffer =>
  Buffer.concat([
    upgradeRequest(),
    webSocketFrame(encodeAuth(0, { token: btpToken(username), username: undefined })),
  ])

test.each([
  ['before', Buffer.alloc(0)],
  ['behind', webSocketFrame(encodeAuth(0, { token: btpToken('evil'), username: undefined }))],
])('pings without an end, %s the authentication, whose pongs nobody reads', async (_, first) => {
  const flood = Buffer.concat(
    Array<Buffer>(4_000).fill(webSocketFrame(DATA.subarray(0, 125), { opcode: Opcode.PING })),
  )
  const raw = unread(Buffer.concat([upgradeRequest(), first]))
  // Each waits until the connector has read the one before.
  for (let sent = 0; sent < 100 && !raw.socket.destroyed; sent++) {
    await new Promise(resolve => raw.socket.write(flood, resolve))
  }
  expect((await scene.vitals()).memory - atRest).toBeLessThan(BURST_MAX)
})

test('a peer that asks and never reads the answers is closed, and its packets end as they would have', async () => {
  let fulfilled = 0
  scene.receiver.onPrepare = (_, id, peer) => {
    fulfilled += 1
    peer.respond(id, testFulfill({ data: DATA }))
  }
  const asking = Buffer.concat(
    Array.from({ length: 1_500 }, (_, id) =>
      webSocketFrame(encodeIlp(FrameType.MESSAGE, id, payment('receiver'))),
    ),
  )
  const { balance } = await scene.books('receiver')
  const { resources: before } = await scene.vitals()
  unread(Buffer.concat([session('evil'), asking]))
  // So many don't fit into what a socket may have unsent.
  await eventually(() => expect(fulfilled).toBeGreaterThan(512))
  await eventually(async () => {
    const { resources, memory } = await scene.vitals()
    expect(memory - atRest).toBeLessThan(BURST_MAX)
    expect(resources).toEqual(before)
  })
  const paid = { balance: BigInt(-fulfilled), heldOut: 0n, heldIn: 0n }
  await eventually(async () => expect(await scene.books('evil')).toEqual(paid))
  expect((await scene.books('receiver')).balance).toBe(balance + BigInt(fulfilled))
  await scene.remember()
})

test('a next hop that never reads gets so many packets, the rest T02, and nothing is left of them', async () => {
  const deaf = unread(session('deaf'))
  await eventually(async () =>
    expect(
      codeOf(await scene.good.send(payment('deaf', { units: 0n, expiresAt: new Date(Date.now() + 1_000) }))),
    ).toBe('R00'),
  )
  const sent = Array.from({ length: 800 }, () => scene.good.send(payment('deaf', { data: DATA })))
  const codes = sent.map(async reply => codeOf(await reply))
  await eventually(async () => expect((await scene.vitals()).memory - atRest).toBeLessThan(BURST_MAX))
  expect(codeOf(await scene.good.send(payment('receiver', { units: 0n })))).toBe('fulfilled')
  await deaf.destroy()
  const all = await Promise.all(codes)
  expect(countOf(all, 'T02')).toBeGreaterThan(100)
  expect(countOf(all, 'T02') + countOf(all, 'T01') + countOf(all, 'R00')).toBe(800)
})

test('heads, bodies and authentications that trickle in keep nobody else from being served', async () => {
  const slow = [
    ...Array<string>(200).fill('POST /ilp HTTP/1.1\r\nHost: node\r\nX-Slow: '),
    ...Array<string>(200).fill(
      `POST /ilp HTTP/1.1\r\nHost: node\r\nAuthorization: Bearer ${httpToken('evil')}\r\n` +
        'Content-Type: application/octet-stream\r\nContent-Length: 60000\r\n\r\n',
    ),
    ...Array<string>(200).fill(`${upgradeRequest()}\x82\xfe\xff\xff`),
  ].map(text => {
    const raw = unread(Buffer.from(text, 'latin1'))
    return raw
  })
  const trickle = setInterval(() => {
    for (const raw of slow) raw.write('x')
  }, 100)
  try {
    for (let i = 0; i < 50; i++) {
      const bytes = payment('receiver', { units: 0n }).toBuffer()
      expect((await httpPost(scene.url, bytes, { token: httpToken('good') })).status).toBe(200)
      const peer = await BtpPeer.open(scene.url, { token: btpToken('good') })
      expect(codeOf(await peer.send(payment('receiver', { units: 0n })))).toBe('fulfilled')
      await peer.close()
    }
    expect(slow.every(raw => !raw.socket.destroyed)).toBe(true)
  } finally {
    clearInterval(trickle)
  }
})

test('more clients that don’t authenticate than there may be are sent away; sessions and HTTP go on', async () => {
  const crowd = Array.from({ length: 1_000 }, () => new RawSocket(scene.port))
  raws.push(...crowd)
  for (const raw of crowd) raw.write(upgradeRequest())
  await Promise.all(crowd.map(raw => raw.until(/\r\n\r\n/)))
  await expect(BtpPeer.open(scene.url, { token: btpToken('good') })).rejects.toThrow('503')
  const packet = payment('receiver', { units: 0n })
  expect(codeOf(await scene.good.send(packet))).toBe('fulfilled')
  expect((await httpPost(scene.url, packet.toBuffer(), { token: httpToken('good') })).status).toBe(200)
  await crowd[0]?.destroy()
  const late = await eventually(() => BtpPeer.open(scene.url, { token: btpToken('good') }))
  await late.close()
})

test('the 10,001st packet in flight of an account gets T03, on whichever socket; others go on', async () => {
  const { balance: before } = await scene.books('evil')
  const held: number[] = []
  const holder = await scene.open('holder', (_, id) => void held.push(id))
  const evil = [await scene.open('evil'), await scene.open('evil')]
  const expiresAt = new Date(Date.now() + 60_000)
  const answers = Array.from({ length: 10_000 }, (_, i) =>
    evil[i % 2]!.send(payment('holder', { expiresAt })).then(codeOf),
  )
  await eventually(() => expect(held).toHaveLength(10_000))
  for (const peer of evil) expect(codeOf(await peer.send(payment('holder')))).toBe('T03')
  expect((await scene.books('evil')).heldOut).toBe(10_000n)
  expect((await scene.books('holder')).heldIn).toBe(10_000n)
  expect(codeOf(await scene.good.send(payment('receiver', { units: 0n })))).toBe('fulfilled')

  for (const id of held) holder.respond(id, id % 2 === 0 ? testFulfill() : testReject())
  const codes = await Promise.all(answers)
  const fulfilled = held.filter(id => id % 2 === 0).length
  expect([countOf(codes, 'fulfilled'), countOf(codes, 'F99')]).toEqual([fulfilled, 10_000 - fulfilled])
  const books = (balance: bigint) => ({ balance, heldOut: 0n, heldIn: 0n })
  await eventually(async () => expect(await scene.books('evil')).toEqual(books(before - BigInt(fulfilled))))
  expect(await scene.books('holder')).toEqual(books(BigInt(fulfilled)))
  const again = evil[0]!.send(payment('holder'))
  await eventually(() => expect(held).toHaveLength(10_001))
  holder.respond(held.at(-1)!, testReject())
  expect(codeOf(await again)).toBe('F99')
  await Promise.all([...evil, holder].map(peer => peer.close()))
  await scene.remember()
})
