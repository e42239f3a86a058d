import { Fulfill, reject } from '@ilp/service-core'
import { recordingLogger, type TestPathOptions, timeLapse } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connected } from '../test/ends.js'
import { net } from '../test/net.js'
import { createConnection, createServer, type Link, type Stream } from './index.js'

const settled = timeLapse(vi)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const generous = { server: { receiveMax: 10n ** 15n } }
const failure = (promise: Promise<unknown>) =>
  settled(
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
  )
const connect = (link: Link, options = {}, signal = new AbortController().signal) =>
  createConnection(
    { link, destinationAddress: 'test.net.server.x', sharedSecret: Buffer.alloc(32, 1), signal },
    options,
  )

describe('connecting', () => {
  it('fails when nobody is there, when nobody answers, and when it is aborted', async () => {
    expect(await failure(connect(net().client))).toMatchObject({ code: 'ERR_STREAM_UNREACHABLE' })
    const busy = net({ intercept: () => reject('T01', 'test.net', 'down') })
    const startMs = Date.now()
    expect(await failure(connect(busy.client, { connectTimeoutMs: 5_000 }))).toMatchObject({
      code: 'ERR_STREAM_UNREACHABLE',
    })
    expect(Date.now() - startMs).toBe(5_000)
    const cause = new Error('enough')
    const aborted = connect(busy.client, {}, AbortSignal.abort(cause))
    expect(await failure(aborted)).toBe(cause)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is refused for options out of range', async () => {
    const { client, server } = net()
    for (const options of [
      { slippagePpm: -1 },
      { streamBufferBytes: 1 },
      { peerStreamsMax: 0 },
      { receiveMax: -1n },
    ]) {
      expect(await failure(connect(client, options))).toBeInstanceOf(RangeError)
    }
    const credentials = {
      issue: () => ({ destinationAccount: '', sharedSecret: Buffer.alloc(0) }),
      open: () => undefined,
    }
    expect(() => createServer({ link: server, credentials }, { connectionsMax: 0 })).toThrow(RangeError)
  })
})

describe('money', () => {
  it('without an answer is unknown, is not sent again, and counts when an answer comes', async () => {
    const way: TestPathOptions = {}
    const ends = await settled(connected(net(way), generous))
    const stream = ends.client.createStream()
    way.swallows = () => true
    const error = await failure(stream.sendTotal(1_000n))
    expect(error).toMatchObject({ code: 'ERR_STREAM_UNKNOWN' })
    expect([stream.unknown, stream.totalSent, ends.server.totalReceived]).toEqual([1_000n, 0n, 1_000n])
    await settled(ends.client.destroy())
  })

  it('is not sent at a worse rate, and is when the rate is back', async () => {
    const way: TestPathOptions = { maxPacketAmount: 1_000n }
    const path = net(way)
    const ends = await settled(connected(path, generous))
    const stream = ends.client.createStream()
    await settled(stream.sendTotal(5_000n))
    way.rate = units => (units * 98n) / 100n
    const sending = stream.sendTotal(20_000n)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([stream.totalSent, path.up.delivered]).toEqual([5_000n, 5_000n])
    delete way.rate
    await settled(sending)
    expect(path.up.delivered).toBe(20_000n)
    await settled(ends.client.close())
  })

  it('keeps its pace when liquidity is short now and then, whatever is in flight', async () => {
    /** About two fifths of the packets, the same each time, but in no pattern. */
    const isUnlucky = (index: number) => (Math.imul(index * index + 7, 2_654_435_769) >>> 16) % 5 < 2
    const path = net({
      maxPacketAmount: 1_000n,
      delayMs: () => 20,
      intercept: ({ units }, index) =>
        units > 0n && isUnlucky(index) ? reject('T04', 'test.net', 'not now') : undefined,
    })
    const ends = await settled(connected(path, generous))
    await settled(ends.client.createStream().sendTotal(300_000n))
    // Full packets are 500.
    expect(path.up.packets).toBeLessThan(700)
    await settled(ends.client.close())
  })

  it('is back at its pace soon after a shortage of everything', async () => {
    const way: TestPathOptions = { maxPacketAmount: 1_000n, delayMs: () => 20 }
    const path = net(way)
    const ends = await settled(connected(path, generous))
    const stream = ends.client.createStream()
    await settled(stream.sendTotal(500_000n))
    way.intercept = ({ units }) => (units > 0n ? reject('T04', 'test.net', 'nothing left') : undefined)
    const sending = stream.sendTotal(1_000_000n)
    await vi.advanceTimersByTimeAsync(10_000)
    delete way.intercept
    const packets = path.up.packets
    await settled(sending)
    expect(path.up.packets - packets).toBeLessThan(520)
    await settled(ends.client.close())
  })

  it('comes in larger packets when the path takes larger ones, which is tried now and then', async () => {
    const way: TestPathOptions = { maxPacketAmount: 1_000n, delayMs: () => 20 }
    const path = net(way)
    const ends = await settled(connected(path, { ...generous, client: { inFlightMax: 20 } }))
    const stream = ends.client.createStream()
    const before = path.up.replies.get('F08') ?? 0
    await settled(stream.sendTotal(1_000_000n))
    expect((path.up.replies.get('F08') ?? 0) - before).toBeLessThan(6)
    way.maxPacketAmount = 50_000n
    const packets = path.up.packets
    await settled(stream.sendTotal(11_000_000n))
    expect(ends.client.maxPacketAmount).toBe(50_000n)
    // Full packets are 200.
    expect(path.up.packets - packets).toBeLessThan(1_000)
    await settled(ends.client.close())
  })

  it('stops when the wait for it is aborted, and what is sent later begins there', async () => {
    const ends = await settled(connected(net({ maxPacketAmount: 10n, delayMs: () => 10 }), generous))
    const stream = ends.client.createStream()
    const abort = new AbortController()
    stream.on('sent', () => {
      if (stream.totalSent > 500n) abort.abort()
    })
    expect(await failure(stream.sendTotal(10_000n, { signal: abort.signal }))).toBe(abort.signal.reason)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(stream.totalSent).toBe(stream.sendMax)
    expect(stream.sendMax).toBeLessThan(10_000n)
    await settled(ends.client.close())
    expect(ends.server.totalReceived).toBe(stream.sendMax)
  })

  it('waits for the other end’s limit, and asks for it where that can not be told', async () => {
    const streams: Stream[] = []
    const path = net({}, {}, { canReceive: false })
    const ends = await settled(connected(path, { onStream: stream => streams.push(stream) }))
    const sending = ends.client.createStream().sendTotal(300n)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(ends.server.totalReceived).toBe(0n)
    streams[0]?.setReceiveMax(300n)
    await settled(sending)
    expect(ends.server.totalReceived).toBe(300n)
    // A question now and then, no storm.
    expect(path.up.packets).toBeLessThan(40)
    await settled(ends.client.close())
  })
})

describe('the connection ends', () => {
  it('when the other end says nothing', async () => {
    const ends = await settled(connected(net(), { client: { idleTimeoutMs: 5_000 } }))
    expect(await settled(ends.client.closed)).toMatchObject({ code: 'ERR_STREAM_IDLE' })
    expect(await settled(ends.server.closed)).toMatchObject({ code: 'ERR_STREAM_CLOSED_BY_PEER' })
  })

  it('when the path refuses for good', async () => {
    const way: TestPathOptions = {}
    const ends = await settled(connected(net(way), generous))
    way.intercept = () => reject('F02', 'test.net', 'gone')
    expect(await failure(ends.client.createStream().sendTotal(1n))).toMatchObject({
      code: 'ERR_STREAM_UNREACHABLE',
    })
    expect(ends.client.lastReject).toEqual({ code: 'F02', triggeredBy: 'test.net', message: 'gone' })
  })

  it('when a fulfillment is wrong', async () => {
    const way: TestPathOptions = {}
    const ends = await settled(connected(net(way), generous))
    way.intercept = () => Fulfill.create({ fulfillment: Buffer.alloc(32), data: Buffer.alloc(0) })
    const stream = ends.client.createStream()
    expect(await failure(stream.sendTotal(7n))).toMatchObject({ code: 'ERR_STREAM_PROTOCOL' })
    expect([stream.totalSent, stream.unknown]).toEqual([0n, 7n])
    await settled(ends.client.closed)
  })

  it('when the link throws, which is logged', async () => {
    const logger = recordingLogger()
    const way: TestPathOptions = {}
    const { client } = net(way)
    way.intercept = () => {
      throw new Error('a bug')
    }
    const connecting = createConnection({
      link: client,
      destinationAddress: 'test.net.server.x',
      sharedSecret: Buffer.alloc(32),
      logger,
    })
    expect(await failure(connecting)).toMatchObject({ code: 'ERR_STREAM_LINK' })
    expect(logger.entries).toHaveLength(1)
  })

  it('when it is destroyed, with all that waits for it', async () => {
    const ends = await settled(connected(net(), {}))
    const stream = ends.client.createStream()
    const waiting = Promise.allSettled([
      stream.sendTotal(5n),
      stream.receiveTotal(5n),
      stream.readable.getReader().read(),
      stream.writable.getWriter().write(Buffer.alloc(500_000)),
    ])
    await settled(ends.client.destroy(new Error('no more')))
    const outcomes = await settled(waiting)
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect(await settled(ends.server.closed)).toMatchObject({ message: 'closed by the other end: no more' })
    expect(() => ends.client.createStream()).toThrow('closed')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})

it('no more streams are made than the other end takes, and more when some are over', async () => {
  const ends = await settled(connected(net(), { server: { peerStreamsMax: 2 } }))
  const first = ends.client.createStream()
  ends.client.createStream()
  expect(() => ends.client.createStream()).toThrow(expect.objectContaining({ code: 'ERR_STREAM_LIMIT' }))
  await settled(first.close())
  await vi.advanceTimersByTimeAsync(100)
  expect(ends.client.createStream().id).toBe(5)
  await settled(ends.client.close())
})
