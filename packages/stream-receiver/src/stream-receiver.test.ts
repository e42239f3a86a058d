import { recordingLogger, testAccount, testPrepare } from '@ilp/service-testing'
import { FrameType, IlpPacketType } from '@ilp/stream-packet'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectionClose, maxMoney, money, streamClose } from '../test/frames.js'
import { receiver, receiving } from '../test/receiving.js'
import type { ConnectionTerms } from './index.js'

let world = receiving()
beforeEach(() => {
  world = receiving()
})
const connect = (terms?: ConnectionTerms) => world.connect(terms)

describe('a packet of a connection', () => {
  it('is fulfilled with an answer that tells what came', async () => {
    const { code, stream } = await connect().send({ amount: 100n, minimum: 100n, frames: [money(1n)] })
    expect(code).toBe('fulfilled')
    expect(stream).toEqual({
      ilpPacketType: IlpPacketType.Fulfill,
      sequence: 1n,
      prepareAmount: 100n,
      frames: [maxMoney(1n, 100n)],
      frameError: undefined,
    })
  })

  it('is told to the application', async () => {
    const sender = connect({ tag: 'invoice 7' })
    await sender.send({ amount: 100n, frames: [money(1n)] })
    await sender.send({ amount: 50n, frames: [money(1n)] })
    const common = {
      from: testAccount('alice'),
      receiver,
      connection: sender.account,
      tag: 'invoice 7',
      streamId: 1,
    }
    expect(world.received).toEqual([
      { ...common, amount: 100n, totalReceived: 100n },
      { ...common, amount: 50n, totalReceived: 150n },
    ])
  })

  it('may bring nothing', async () => {
    const { code, frames } = await connect().send({ frames: [money(1n)] })
    expect([code, frames, world.received]).toEqual(['fulfilled', [maxMoney(1n, 0n)], []])
  })

  it('is rejected with the amount that came when that is below the minimum', async () => {
    const { code, stream } = await connect().send({ amount: 99n, minimum: 100n, frames: [money(1n)] })
    expect(code).toBe('F99')
    expect(stream).toMatchObject({
      ilpPacketType: IlpPacketType.Reject,
      sequence: 1n,
      prepareAmount: 99n,
      frames: [maxMoney(1n, 0n)],
    })
    expect(world.received).toEqual([])
  })

  it('is rejected with the amount that came when its condition is not the connection\u2019s: a probe', async () => {
    const condition = Buffer.alloc(32, 9)
    const { code, reply, stream } = await connect().send({ amount: 1_000n, condition })
    expect(code).toBe('F99')
    expect(reply).toMatchObject({ triggeredBy: receiver.address })
    expect(stream).toMatchObject({ ilpPacketType: IlpPacketType.Reject, prepareAmount: 1_000n, frames: [] })
  })

  it('is rejected when its money is for no stream', async () => {
    const sender = connect()
    for (const frames of [[], [money(1n, 0n)], [maxMoney(1n, 0n)]]) {
      expect(await sender.send({ amount: 1n, frames })).toMatchObject({ code: 'F99' })
    }
    expect(world.received).toEqual([])
  })

  it('may be for several streams', async () => {
    const sender = connect()
    const { frames } = await sender.send({
      amount: 100n,
      frames: [money(5n, 2n ** 63n), money(1n, 2n ** 63n), money(3n, 2n ** 63n)],
    })
    expect(frames).toEqual([maxMoney(5n, 33n), maxMoney(1n, 34n), maxMoney(3n, 33n)])
    expect(world.received.map(({ streamId, amount }) => [streamId, amount])).toEqual([
      [5, 33n],
      [1, 34n],
      [3, 33n],
    ])
  })

  it('may name a stream several times', async () => {
    const { frames } = await connect().send({
      amount: 10n,
      frames: [money(1n, 1n), money(3n, 2n), money(1n, 2n)],
    })
    expect(frames).toEqual([maxMoney(1n, 6n), maxMoney(3n, 4n)])
  })
})

describe('what is no packet of a connection', () => {
  const f06 = { code: 'F06', stream: undefined, reply: { triggeredBy: receiver.address } }

  it('is rejected with F06: an address without a token, or with one that was never issued', async () => {
    const sender = connect()
    for (const destination of [
      receiver.address,
      `${receiver.address}.x`,
      `${receiver.address}.${'A'.repeat(44)}`,
    ]) {
      const answer = await sender.send({ amount: 1n, destination, frames: [money(1n)] })
      expect(answer).toMatchObject({ ...f06, reply: { ...f06.reply, data: Buffer.alloc(0) } })
    }
  })

  it('is rejected with F06: data that does not decrypt', async () => {
    const sender = connect()
    for (const data of [Buffer.alloc(0), Buffer.alloc(27), Buffer.alloc(100), Buffer.alloc(32_767)]) {
      expect(await sender.send({ amount: 1n, data })).toMatchObject(f06)
    }
    const other = connect()
    const data = other.keys.encrypt({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: 1n,
      prepareAmount: 0n,
      frames: [],
    })
    expect(await sender.send({ data })).toMatchObject(f06)
  })

  it('is rejected with F06: the receiver\u2019s own answer, sent back to it', async () => {
    const sender = connect()
    const { reply } = await sender.send({ amount: 1n, frames: [money(1n)] })
    expect(await sender.send({ amount: 1n, data: reply.data })).toMatchObject(f06)
    for (const ilpPacketType of [IlpPacketType.Fulfill, IlpPacketType.Reject]) {
      expect(await sender.send({ amount: 1n, ilpPacketType, frames: [money(1n)] })).toMatchObject(f06)
    }
    expect(world.received).toHaveLength(1)
  })

  it('is passed on when it is for none of this node\u2019s receivers', async () => {
    const { service } = receiving()
    const prepare = testPrepare({ destination: 'test.node.bob' })
    await expect(service.call({ from: testAccount('alice'), prepare })).resolves.toMatchObject({
      code: 'F02',
      message: 'passed on',
    })
  })
})

describe('an application that fails', () => {
  it.each<[string, () => void | Promise<void>]>([
    [
      'by throwing',
      () => {
        throw new Error('full')
      },
    ],
    ['later', () => Promise.reject(new Error('full'))],
  ])('%s does not keep the packet from being fulfilled, and is logged', async (_, onMoney) => {
    const logger = recordingLogger()
    const sender = receiving({ onMoney, logger }).connect()
    expect(await sender.send({ amount: 1n, frames: [money(1n)] })).toMatchObject({ code: 'fulfilled' })
    expect(logger.entries).toMatchObject([
      { level: 'error', fields: { err: { message: 'full' }, connection: sender.account } },
    ])
  })
})

describe('options', () => {
  it.each([
    { connectionsMax: 1 },
    { connectionIdleMs: 0 },
    { openStreamsMax: 0 },
    { openStreamsMax: 128 },
    { connectionsMax: 2.5 },
    { connectionIdleMs: Number.NaN },
  ])('refuse %o', options => {
    expect(() => receiving({}, options)).toThrow(RangeError)
  })

  it('set how many streams may be open', async () => {
    const sender = receiving({}, { openStreamsMax: 1 }).connect()
    expect(await sender.send({ amount: 1n, frames: [money(1n)] })).toMatchObject({ code: 'fulfilled' })
    expect(await sender.send({ amount: 1n, frames: [money(3n)] })).toMatchObject({ code: 'F99' })
  })
})

describe('whatever a sender sends', () => {
  const id = fc.constantFrom(1n, 3n, 5n, 7n)
  const frame = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .record({ streamId: id, shares: fc.bigInt(0n, 5n) })
        .map(one => money(one.streamId, one.shares)),
    },
    { weight: 1, arbitrary: id.map(streamClose) },
    { weight: 1, arbitrary: id.map(one => maxMoney(one, 0n)) },
    { weight: 1, arbitrary: fc.constant(connectionClose) },
  )
  const sending = fc.record({
    amount: fc.bigInt(0n, 1_000n),
    minimum: fc.bigInt(0n, 300n),
    frames: fc.array(frame, { maxLength: 5 }),
  })

  it('what was fulfilled, what the application was told, and what the sender was told are the same sum', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sending, { maxLength: 30 }), async sendings => {
        const { connect, received } = receiving()
        const sender = connect()
        const told = new Map<bigint, bigint>()
        let fulfilled = 0n
        for (const one of sendings) {
          const { code, stream, frames } = await sender.send(one)
          expect(['fulfilled', 'F99']).toContain(code)
          expect(stream).toMatchObject({ sequence: sender.sequence, prepareAmount: one.amount })
          if (code === 'fulfilled') {
            fulfilled += one.amount
            expect(one.amount).toBeGreaterThanOrEqual(one.minimum)
          }
          for (const each of frames) {
            if (each.type === FrameType.StreamMaxMoney) told.set(each.streamId, each.totalReceived)
          }
        }
        const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, one) => total + one, 0n)
        expect(sum(received.map(({ amount }) => amount))).toBe(fulfilled)
        // A stream's last total is not told when the packet closes it: ask.
        const { frames } = await sender.send({ frames: [connectionClose] })
        expect(frames).toEqual([])
        const all = await sender.send({ frames: [1n, 3n, 5n, 7n].map(one => maxMoney(one, 0n)) })
        expect(sum(all.frames.map(each => ('totalReceived' in each ? each.totalReceived : 0n)))).toBe(
          fulfilled,
        )
        for (const each of all.frames) {
          if (each.type === FrameType.StreamMaxMoney) {
            expect(told.get(each.streamId) ?? 0n).toBeLessThanOrEqual(each.totalReceived)
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('random data is answered, never thrown at', async () => {
    const { service, issue } = receiving()
    const { destinationAccount } = issue()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 20 }), async (data, end) => {
        const destination = `${destinationAccount}${end.replace(/[^A-Za-z0-9_-]/g, '')}`
        const prepare = testPrepare({ destination, data })
        await expect(service.call({ from: testAccount('alice'), prepare })).resolves.toMatchObject({
          code: 'F06',
        })
      }),
      { numRuns: 500 },
    )
  })
})
