import { ErrorCode, type Frame, FrameType, verifyReceipt } from '@ilp/stream-packet'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  assetDetails,
  connectionClose,
  data,
  malformed,
  maxMoney,
  maxStreamId,
  money,
  newAddress,
  noData,
  noStreamData,
  streamClose,
  UINT64_MAX,
} from '../test/frames.js'
import { receiving } from '../test/receiving.js'
import { Sender } from '../test/sender.js'
import type { ConnectionTerms } from './index.js'

let world = receiving()
beforeEach(() => {
  world = receiving()
})
const connect = (terms?: ConnectionTerms) => world.connect(terms)

describe('a connection', () => {
  it('tells its asset, its streams and that it takes no data when the sender gives its address', async () => {
    const sender = connect()
    for (const sourceAddress of ['test.sender', '']) {
      const { frames } = await sender.send({
        condition: Buffer.alloc(32),
        frames: [newAddress(sourceAddress), assetDetails('EUR')],
      })
      expect(frames).toEqual([assetDetails('USD'), maxStreamId(20n), noData])
    }
  })

  it('answers every frame that names a stream with what the stream has got', async () => {
    const sender = connect()
    await sender.send({ amount: 7n, frames: [money(3n)] })
    const { frames } = await sender.send({
      frames: [
        maxMoney(1n, 0n),
        { type: FrameType.StreamMoneyBlocked, streamId: 3n, sendMax: 10n, totalSent: 7n },
        { type: FrameType.StreamMaxData, streamId: 5n, maxOffset: 100n },
      ],
    })
    expect(frames).toEqual([maxMoney(1n, 0n), maxMoney(3n, 7n), maxMoney(5n, 0n)])
  })

  it('tells what a stream has got that was not named, but was given what was left over', async () => {
    const sender = connect()
    await sender.send({ amount: 1n, frames: [money(1n)] })
    const { frames } = await sender.send({ amount: 3n, frames: [money(3n), money(5n)] })
    expect(frames).toEqual([maxMoney(3n, 1n), maxMoney(5n, 1n), maxMoney(1n, 2n)])
  })

  it('says how many streams it takes to a sender that wants more', async () => {
    const { frames } = await connect().send({
      frames: [{ type: FrameType.ConnectionStreamIdBlocked, maxStreamId: 21n }],
    })
    expect(frames).toEqual([maxStreamId(20n)])
  })

  it('takes money on ten streams, and after one is closed on another', async () => {
    const sender = connect()
    const ids = Array.from({ length: 10 }, (_, i) => BigInt(2 * i + 1))
    expect(await sender.send({ amount: 10n, frames: ids.map(id => money(id)) })).toMatchObject({
      code: 'fulfilled',
    })
    const { frames } = await sender.send({ frames: [streamClose(1n)] })
    expect(frames).toEqual([maxStreamId(22n)])
    expect(await sender.send({ amount: 1n, frames: [money(21n)] })).toMatchObject({ code: 'fulfilled' })
  })

  it('never has more streams than a receipt can name', async () => {
    const sender = connect()
    for (let id = 1n; id < 254n; id += 2n) {
      expect(await sender.send({ amount: 1n, frames: [money(id), streamClose(id)] })).toMatchObject({
        code: 'fulfilled',
      })
    }
    const { frames } = await sender.send({ amount: 1n, frames: [money(255n), streamClose(255n)] })
    expect(frames).toEqual([maxStreamId(255n)])
    expect(await sender.send({ amount: 1n, frames: [money(257n)] })).toMatchObject({
      frames: [{ type: FrameType.ConnectionClose, errorCode: ErrorCode.StreamIdError }],
    })
  })

  it('takes the money of a packet that closes its stream, and none after it', async () => {
    const sender = connect()
    expect(await sender.send({ amount: 5n, frames: [streamClose(1n), money(1n)] })).toMatchObject({
      code: 'fulfilled',
    })
    const { code, frames } = await sender.send({ amount: 5n, frames: [money(1n), money(3n)] })
    expect(code).toBe('F99')
    expect(frames).toEqual([
      {
        type: FrameType.StreamClose,
        streamId: 1n,
        errorCode: ErrorCode.StreamStateError,
        errorMessage: expect.any(String),
      },
      maxMoney(3n, 0n),
    ])
    expect(world.received.map(({ amount }) => amount)).toEqual([5n])
  })

  it('can be had again after the sender has closed it, and its totals go on', async () => {
    const sender = connect()
    await sender.send({ amount: 5n, frames: [money(1n), streamClose(1n), assetDetails('EUR')] })
    expect(await sender.send({ condition: Buffer.alloc(32), frames: [connectionClose] })).toMatchObject({
      code: 'F99',
    })
    const { code, frames } = await sender.send({ amount: 6n, frames: [money(1n), assetDetails('XRP')] })
    expect([code, frames]).toEqual(['fulfilled', [maxMoney(1n, 11n)]])
    const begun = await sender.send({ frames: [newAddress('')] })
    expect(begun.frames).toContainEqual(maxStreamId(20n))
  })

  it('takes no data: it closes the stream, so that the sender does not try for ever', async () => {
    const sender = connect()
    expect(await sender.send({ amount: 1n, frames: [money(1n), data(1n, '')] })).toMatchObject({
      code: 'fulfilled',
    })
    const { code, frames } = await sender.send({
      amount: 1n,
      frames: [money(1n), data(1n, 'hello'), money(3n)],
    })
    expect(code).toBe('F99')
    expect(frames).toEqual([
      noStreamData(1n),
      {
        type: FrameType.StreamClose,
        streamId: 1n,
        errorCode: ErrorCode.ApplicationError,
        errorMessage: expect.any(String),
      },
      maxStreamId(22n),
      maxMoney(3n, 0n),
    ])
    expect(world.received).toHaveLength(1)
  })

  it('says that it takes no data to a sender that has some', async () => {
    const { code, frames } = await connect().send({
      amount: 1n,
      frames: [
        money(1n),
        { type: FrameType.StreamDataBlocked, streamId: 1n, maxOffset: 9n },
        { type: FrameType.ConnectionDataBlocked, maxOffset: 9n },
      ],
    })
    expect(code).toBe('fulfilled')
    expect(frames).toEqual([noStreamData(1n), maxMoney(1n, 1n), noData])
  })

  it('answers a packet full of frames with a packet that fits', async () => {
    const sender = connect()
    const frames = Array.from({ length: 2_900 }, (_, i): Frame[] => [
      newAddress(''),
      data(BigInt(2 * (i % 10) + 1), 'x'),
    ]).flat()
    const answer = await sender.send({ frames })
    expect(answer.code).toBe('F99')
    expect(answer.reply.data.length).toBeLessThan(1_500)
  })

  it('has answers that fit for as many streams as there can be, with receipts', async () => {
    const receipts = { nonce: Buffer.alloc(16), secret: Buffer.alloc(32) }
    const sender = receiving({}, { openStreamsMax: 127 }).connect({ receipts })
    const ids = Array.from({ length: 127 }, (_, i) => BigInt(2 * i + 1))
    const paid = await sender.send({ amount: UINT64_MAX, frames: ids.map(id => money(id)) })
    expect(paid).toMatchObject({ code: 'fulfilled' })
    expect(paid.frames).toHaveLength(2 * 127)
    expect(await sender.send({ frames: ids.map(id => data(id, 'x')) })).toMatchObject({ code: 'F99' })
  })
})

describe('a connection is closed', () => {
  const closed = (errorCode: number) => ({
    code: 'F99',
    frames: [{ type: FrameType.ConnectionClose, errorCode, errorMessage: expect.any(String) }],
  })

  it.each<[string, number, Frame[]]>([
    ['an even stream id', ErrorCode.ProtocolViolation, [money(2n)]],
    ['stream 0', ErrorCode.ProtocolViolation, [maxMoney(0n, 0n)]],
    ['an even stream id that is too large', ErrorCode.ProtocolViolation, [money(2n ** 64n - 2n)]],
    ['too large a stream id', ErrorCode.StreamIdError, [money(21n)]],
    ['an immense stream id', ErrorCode.StreamIdError, [streamClose(2n ** 64n - 1n)]],
    ['a malformed frame', ErrorCode.FrameFormatError, [money(1n), malformed]],
    ['asset details that change', ErrorCode.ProtocolViolation, [assetDetails('EUR'), assetDetails('XRP')]],
  ])('for %s, and stays closed', async (_, errorCode, frames) => {
    const sender = connect()
    expect(await sender.send({ amount: 1n, frames: [money(1n)] })).toMatchObject({ code: 'fulfilled' })
    expect(await sender.send({ amount: 1n, frames })).toMatchObject(closed(errorCode))
    expect(await sender.send({ amount: 1n, frames: [money(1n)] })).toMatchObject(closed(errorCode))
    expect(world.received).toHaveLength(1)
  })

  it('for more money than a total can count', async () => {
    const sender = connect()
    const { frames } = await sender.send({ amount: UINT64_MAX, frames: [money(1n)] })
    expect(frames).toEqual([maxMoney(1n, UINT64_MAX)])
    expect(await sender.send({ amount: 1n, frames: [money(1n)] })).toMatchObject(
      closed(ErrorCode.FlowControlError),
    )
    expect(world.received.map(({ totalReceived }) => totalReceived)).toEqual([UINT64_MAX])
  })

  it('and no other with it', async () => {
    await connect().send({ frames: [money(2n)] })
    expect(await connect().send({ amount: 1n, frames: [money(1n)] })).toMatchObject({
      code: 'fulfilled',
    })
  })
})

describe('receipts', () => {
  const receipts = { nonce: Buffer.alloc(16, 4), secret: Buffer.alloc(32, 5) }
  const receiptsIn = (frames: readonly Frame[]) =>
    frames.flatMap(frame =>
      frame.type === FrameType.StreamReceipt ? [verifyReceipt(frame.receipt, receipts.secret)] : [],
    )

  it('come with every Fulfill, for each of its streams, and rise', async () => {
    const sender = connect({ receipts })
    const first = await sender.send({ amount: 10n, frames: [money(1n)] })
    expect(receiptsIn(first.frames)).toEqual([{ nonce: receipts.nonce, streamId: 1, totalReceived: 10n }])
    const second = await sender.send({ amount: 11n, frames: [money(3n), money(5n)] })
    expect(receiptsIn(second.frames)).toEqual([
      { nonce: receipts.nonce, streamId: 3, totalReceived: 5n },
      { nonce: receipts.nonce, streamId: 5, totalReceived: 5n },
      { nonce: receipts.nonce, streamId: 1, totalReceived: 11n },
    ])
    const third = await sender.send({ frames: [money(1n)] })
    expect(receiptsIn(third.frames)).toEqual([{ nonce: receipts.nonce, streamId: 1, totalReceived: 11n }])
  })

  it('come with no Reject, and not unless asked for', async () => {
    const rejected = await connect({ receipts }).send({ amount: 1n, minimum: 2n, frames: [money(1n)] })
    expect(receiptsIn(rejected.frames)).toEqual([])
    const unasked = await connect().send({ amount: 1n, frames: [money(1n)] })
    expect(receiptsIn(unasked.frames)).toEqual([])
  })

  it('begin at 0 again after a restart: the connection goes on, and they never claim more than came', async () => {
    const credentials = world.issue({ receipts })
    await new Sender(world.service, credentials).send({ amount: 10n, frames: [money(1n)] })
    const restarted = new Sender(receiving().service, credentials)
    const { code, frames } = await restarted.send({ amount: 3n, frames: [money(1n)] })
    expect(code).toBe('fulfilled')
    expect(receiptsIn(frames)).toMatchObject([{ totalReceived: 3n }])
  })
})

describe('what is remembered', () => {
  const pay = (sender: Sender) => sender.send({ amount: 1n, frames: [money(1n)] })

  it('goes after the connection has been idle', async () => {
    const { connect, clock } = receiving({}, { connectionIdleMs: 1_000 })
    const sender = connect()
    await pay(sender)
    clock.ms += 999
    expect((await pay(sender)).frames).toEqual([maxMoney(1n, 2n)])
    clock.ms += 2_000
    expect((await pay(sender)).frames).toEqual([maxMoney(1n, 1n)])
  })

  it('is not touched by packets that do not decrypt', async () => {
    const { connect } = receiving({}, { connectionsMax: 2 })
    const sender = connect()
    await pay(sender)
    for (let i = 0; i < 10; i++) await connect().send({ data: Buffer.alloc(40) })
    expect((await pay(sender)).frames).toEqual([maxMoney(1n, 2n)])
  })

  it('is limited in number: the connection that was not used for longest is forgotten', async () => {
    const { connect } = receiving({}, { connectionsMax: 2 })
    const senders = [connect(), connect(), connect()] as const
    for (const sender of senders) await pay(sender)
    expect((await pay(senders[2])).frames).toEqual([maxMoney(1n, 2n)])
    expect((await pay(senders[0])).frames).toEqual([maxMoney(1n, 1n)])
  })
})
