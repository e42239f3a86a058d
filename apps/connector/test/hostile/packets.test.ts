import { encodeIlp, FrameType } from '@ilp/btp-packet'
import { Fulfill, isFulfill, type Prepare, Reject, type Reply } from '@ilp/service-core'
import { TEST_FULFILLMENT, testFulfill } from '@ilp/service-testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BtpPeer } from '../peers/btp-peer.js'
import { httpPost } from '../peers/http-post.js'
import { seeded, upTo } from './random.js'
import { btpToken, child, httpToken, packetOf, payment, type Scene, startScene } from './scene.js'

const PEER_CONDITION = Buffer.from('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925', 'hex')
const DATA_MAX = 32_767

let scene: Scene
/** What the connector has forwarded, to whomever. */
const forwarded: { readonly to: string; readonly prepare: Prepare }[] = []

beforeAll(async () => {
  scene = await startScene({
    accounts: [
      // Nobody is asked for routes: all that comes to them is forwarded.
      child('cousin', { relation: 'peer', ilpAddress: 'test.cousin', receiveRoutes: false }),
      child('upstream', { relation: 'parent', ilpAddress: 'test.upstream', receiveRoutes: false }),
      child('shop', { relation: 'local' }),
      child('fine', { asset: { code: 'USD', scale: 18 } }),
      child('poor', { minBalance: '0' }),
      child('capped', { maxBalance: `${2n ** 53n + 1n}` }),
    ],
  })
  for (const username of ['cousin', 'upstream', 'fine', 'capped']) {
    await scene.open(username, (prepare, id, peer) => {
      forwarded.push({ to: username, prepare })
      peer.respond(id, testFulfill())
    })
  }
  scene.receiver.onPrepare = (prepare, id, peer) => {
    forwarded.push({ to: 'receiver', prepare })
    peer.respond(id, testFulfill({ data: prepare.data }))
  }
  await scene.remember()
})
afterEach(() => forwarded.splice(0))
afterAll(() => scene.stop())

const codeOf = (reply: Reply): string => (isFulfill(reply) ? 'fulfilled' : reply.code)

async function post(username: string, bytes: Uint8Array) {
  const { status, body } = await httpPost(scene.url, bytes, { token: httpToken(username) })
  return status === 200 ? codeOf(body[0] === 13 ? Fulfill.decode(body) : Reject.decode(body)) : status
}

/** A Prepare with this much data, also with more than one can have. */
function withData(length: number): Buffer {
  const empty = payment('receiver').toBuffer()
  const contents = Buffer.concat([empty.subarray(2, -1), octets(Buffer.alloc(length, 'data'))])
  return Buffer.concat([empty.subarray(0, 1), octets(contents)])
}

/** Octets of 128 to 65,535 behind their length. */
function octets(bytes: Buffer): Buffer {
  const long = bytes.length > 255
  const length = Buffer.from(long ? [0x82, bytes.length >> 8, bytes.length & 255] : [0x81, bytes.length])
  return Buffer.concat([length, bytes])
}

describe('a packet for peer.', () => {
  const destinations = [
    'peer.config',
    'peer.settle',
    'peer.route.control',
    'peer.route.update',
    'peer.anything.else',
  ]
  const packets = destinations.flatMap(destination =>
    [0n, 5n].map(units => payment('', { destination, units, executionCondition: PEER_CONDITION })),
  )
  const isConfig = ({ destination, units }: Prepare) => destination === 'peer.config' && units === 0n

  test.each(['evil', 'cousin', 'upstream', 'shop'])(
    'is never forwarded, whoever sends it: %s',
    async username => {
      const sender = await scene.open(username)
      for (const prepare of packets) {
        const answersConfig = isConfig(prepare) && (username === 'evil' || username === 'shop')
        const expected = answersConfig ? /^fulfilled$/ : /^F0[02]$/
        expect(codeOf(await sender.send(prepare))).toMatch(expected)
        expect(await post(username, prepare.toBuffer())).toMatch(expected)
      }
      expect(forwarded).toEqual([])
      await sender.close()
      await scene.unharmed()
    },
  )

  test('in other letters, or without a second segment, is none to any address', async () => {
    for (const destination of ['PEER.config', 'peer', 'peer.', '.peer.config', 'peer..config']) {
      const valid = payment('', { destination: 'g.'.padEnd(destination.length, 'x') }).toBuffer()
      const bytes = Buffer.from(valid.toString('latin1').replace(/g\.x+/, destination), 'latin1')
      expect(codeOf(await scene.good.send(packetOf(bytes)))).toBe('F01')
      expect(await post('good', bytes)).toBe(400)
    }
    expect(forwarded).toEqual([])
    await scene.unharmed()
  })
})

describe('data', () => {
  test(`of ${DATA_MAX} octets pass both ways as they are`, async () => {
    const reply = await scene.good.send(packetOf(withData(DATA_MAX)))
    expect(isFulfill(reply) && reply.data.equals(Buffer.alloc(DATA_MAX, 'data'))).toBe(true)
    expect(await post('good', withData(DATA_MAX))).toBe('fulfilled')
    expect(forwarded.map(({ prepare }) => prepare.data.length)).toEqual([DATA_MAX, DATA_MAX])
    await scene.remember()
  })

  test(`of ${DATA_MAX + 1} octets don't pass either way`, async () => {
    expect(codeOf(await scene.good.send(packetOf(withData(DATA_MAX + 1))))).toBe('F01')
    expect(await post('good', withData(DATA_MAX + 1))).toBe(400)
    expect(forwarded).toEqual([])
    const { onPrepare } = scene.receiver
    const tooMuch = Buffer.concat([TEST_FULFILLMENT, octets(Buffer.alloc(DATA_MAX + 1))])
    const fulfill = Buffer.concat([Buffer.from([13]), octets(tooMuch)])
    scene.receiver.onPrepare = (_, id, peer) =>
      peer.write(encodeIlp(FrameType.RESPONSE, id, packetOf(fulfill)))
    expect(codeOf(await scene.good.send(payment('receiver')))).toBe('T00')
    scene.receiver.onPrepare = onPrepare
    await scene.unharmed()
  })
})

describe('an amount', () => {
  const amounts = [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]

  test('passes to the unit, whatever its size', async () => {
    const [from, to] = [await scene.books('good'), await scene.books('receiver')]
    for (const units of amounts) {
      expect(codeOf(await scene.good.send(payment('receiver', { units })))).toBe('fulfilled')
      expect(await post('good', payment('receiver', { units }).toBuffer())).toBe('fulfilled')
    }
    expect(forwarded.map(({ prepare }) => prepare.units)).toEqual(amounts.flatMap(units => [units, units]))
    const total = 2n * amounts.reduce((sum, units) => sum + units)
    expect((await scene.books('good')).balance).toBe(from.balance - total)
    expect((await scene.books('receiver')).balance).toBe(to.balance + total)
    await scene.remember()
  })

  test('without credit gets T04, unless it is zero', async () => {
    const poor = await scene.open('poor')
    for (const units of amounts) {
      expect(codeOf(await poor.send(payment('receiver', { units })))).toBe(units === 0n ? 'fulfilled' : 'T04')
    }
    await poor.close()
    await scene.unharmed()
  })

  test('reaches a maximum balance past 2^53 exactly, and not one unit more', async () => {
    const outcomes = [2n ** 53n + 2n, 2n ** 53n, 2n, 1n, 1n].map(async units =>
      codeOf(await scene.good.send(payment('capped', { units }))),
    )
    expect(await Promise.all(outcomes)).toEqual(['T04', 'fulfilled', 'T04', 'fulfilled', 'T04'])
    expect((await scene.books('capped')).balance).toBe(2n ** 53n + 1n)
    await scene.remember()
  })

  test('that no packet could carry after the exchange gets F08, with the largest one that does', async () => {
    const maximum = (2n ** 64n - 1n) / 10n ** 9n
    const reply = await scene.good.send(payment('fine', { units: 2n ** 64n - 1n }))
    const told = Buffer.alloc(16)
    told.writeBigUInt64BE(2n ** 64n - 1n)
    told.writeBigUInt64BE(maximum, 8)
    expect(reply).toMatchObject({ code: 'F08', data: told })
    expect(codeOf(await scene.good.send(payment('fine', { units: maximum + 1n })))).toBe('F08')
    await scene.unharmed()
    expect(codeOf(await scene.good.send(payment('fine', { units: maximum })))).toBe('fulfilled')
    expect((await scene.books('fine')).balance).toBe(maximum * 10n ** 9n)
    await scene.remember()
  })

  test('of which nothing is left after the exchange gets R01', async () => {
    const fine = await scene.open('fine')
    expect(codeOf(await fine.send(payment('receiver', { units: 10n ** 9n - 1n })))).toBe('R01')
    await fine.close()
    await scene.unharmed()
  })
})

describe('an expiry', () => {
  test('in the year 9999 is bounded by the longest hold', async () => {
    const expiresAt = new Date('9999-12-31T23:59:59.999Z')
    const beforeMs = Date.now()
    expect(codeOf(await scene.good.send(payment('receiver', { expiresAt })))).toBe('fulfilled')
    const [{ prepare } = { prepare: payment('') }] = forwarded
    expect(prepare.expiresAtMs).toBeGreaterThanOrEqual(beforeMs + 5_000)
    expect(prepare.expiresAtMs).toBeLessThanOrEqual(Date.now() + 5_000)
    await scene.remember()
  })

  test('in the past gets R00, however long ago', async () => {
    for (const expiresAt of [new Date('0000-01-01T00:00:00.000Z'), new Date(0), new Date(Date.now() - 1)]) {
      expect(codeOf(await scene.good.send(payment('receiver', { expiresAt })))).toBe('R00')
      expect(await post('good', payment('receiver', { expiresAt }).toBuffer())).toBe('R00')
    }
    expect(forwarded).toEqual([])
    await scene.unharmed()
  })

  test('that is no point in time is no packet', async () => {
    const valid = payment('receiver').toBuffer()
    for (const digits of [
      '20261301000000000',
      '20260230000000000',
      '20260101240000000',
      '2026010123595900x',
    ]) {
      const bytes = Buffer.from(valid)
      bytes.write(digits, 10, 'latin1')
      expect(codeOf(await scene.good.send(packetOf(bytes)))).toBe('F01')
    }
    await scene.unharmed()
  })

  test('a few milliseconds away gets a fulfillment that counts, or R00 or R02 and nothing', async () => {
    const random = seeded(3)
    const { balance } = await scene.books('good')
    const outcomes: Promise<string>[] = []
    for (let burst = 0; burst < 20; burst++) {
      for (const leftMs of [1, ...Array.from({ length: 20 }, () => upTo(random, 115))]) {
        const expiresAt = new Date(Date.now() + leftMs)
        outcomes.push(scene.good.send(payment('receiver', { expiresAt })).then(codeOf))
      }
      await outcomes.at(-1)
    }
    const codes = await Promise.all(outcomes)
    expect(codes.filter(code => !['R00', 'R02', 'fulfilled'].includes(code))).toEqual([])
    const fulfilled = codes.filter(code => code === 'fulfilled').length
    expect((await scene.books('good')).balance).toBe(balance - BigInt(fulfilled))
    await scene.remember()
    await scene.unharmed()
  })
})

describe('a token', () => {
  const token = btpToken('evil')
  const wrong = [
    '',
    token.slice(1),
    token.slice(0, -1),
    `${token} `,
    `${token}\0`,
    token.toUpperCase(),
    'x'.repeat(1_024),
    httpToken('evil'),
  ]

  test('that differs in anything opens no session, and all are refused with the same words', async () => {
    const refusals = new Set<string>()
    for (const attempt of [
      ...wrong.map(token => ({ token })),
      { token, username: 'good' },
      { token, path: '/accounts/good/ilp/btp' },
    ]) {
      await BtpPeer.open(scene.url, attempt).then(
        () => refusals.add(`accepted ${JSON.stringify(attempt)}`),
        (error: Error) => refusals.add(error.message),
      )
    }
    expect([...refusals]).toEqual(['refused: invalid token or username'])
    await scene.unharmed()
  })

  test('that differs in anything takes no packet over HTTP', async () => {
    const bytes = payment('receiver').toBuffer()
    const attempts = [
      { token: '' },
      { token: `${httpToken('evil')}x` },
      { token: httpToken('evil').slice(1) },
      { token: httpToken('evil').toUpperCase() },
      { token: btpToken('evil') },
      { token: httpToken('evil'), path: '/accounts/good/ilp' },
      { token: httpToken('evil'), path: '/accounts/nobody/ilp' },
    ]
    const answers = await Promise.all(attempts.map(attempt => httpPost(scene.url, bytes, attempt)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
    expect(forwarded).toEqual([])
    await scene.unharmed()
  })
})
