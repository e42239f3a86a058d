import {
  amountTooLarge,
  Fulfill,
  type IncomingRequest,
  isFulfill,
  type Reply,
  reject,
} from '@ilp/service-core'
import { recordingLogger, type TestPathOptions, testAccount, testPath, timeLapse } from '@ilp/service-testing'
import { FrameType, IlpPacketType, StreamKeys, verifyReceipt } from '@ilp/stream-packet'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ASSET, ourReceiver } from '../test/receivers.js'
import { type Payment, type Progress, type StreamSenderOptions, streamSender } from './index.js'

const settled = timeLapse(vi)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function prepare(path: TestPathOptions = {}, options: StreamSenderOptions = {}) {
  const receiver = ourReceiver()
  const way = testPath(receiver.service, path)
  const logger = recordingLogger()
  const sender = streamSender(
    { service: way, from: testAccount('alice'), logger, random: () => 0.5 },
    options,
  )
  const start = (payment: Omit<Payment, 'destinationAddress' | 'sharedSecret'>) =>
    sender.pay({ ...receiver, ...payment })
  return {
    receiver,
    path: way,
    logger,
    start,
    pay: (...args: Parameters<typeof start>) => settled(start(...args)),
  }
}

/** About two fifths of the packets, the same each time, but in no pattern. */
const isUnlucky = (index: number): boolean => (Math.imul(index * index + 7, 2_654_435_769) >>> 16) % 5 < 2

describe('a payment', () => {
  it('of a fixed source sends exactly that', async () => {
    const { receiver, path, pay } = prepare({ maxPacketAmount: 1_000n })
    const result = await pay({ amount: { source: 12_345n } })
    expect(result).toMatchObject({ end: 'completed', sent: 12_345n, delivered: 12_345n, unknown: 0n })
    expect([receiver.total(), path.sent, result.packets]).toEqual([12_345n, 12_345n, path.packets])
  })

  it('of a fixed delivery sends the least that brings it', async () => {
    const { receiver, pay } = prepare({ rate: units => (units * 7n) / 10n, maxPacketAmount: 1_000n })
    const result = await pay({ amount: { delivery: 7_001n } })
    expect(result).toMatchObject({ end: 'completed', sent: 10_002n, delivered: 7_001n })
    expect(receiver.total()).toBe(7_001n)
  })

  it('gives a quote first, and sends nothing when it is not accepted', async () => {
    const { path, pay } = prepare({ rate: units => units * 2n, maxPacketAmount: 500n })
    const accept = vi.fn(() => false)
    const result = await pay({ amount: { delivery: 10_000n }, slippagePpm: 0, accept })
    const rate = { delivered: 1_000n, sent: 500n }
    expect(accept).toHaveBeenCalledExactlyOnceWith({
      asset: ASSET,
      rate,
      minRate: { delivered: 1_000n * 1_000_000n, sent: 500n * 1_000_000n },
      sourceMax: 5_001n,
      packetMax: 500n,
    })
    expect(result).toMatchObject({ end: 'declined', sent: 0n, quote: { rate } })
    expect(path.sent).toBe(0n)
  })

  it('ends as declined when accept throws, which is logged', async () => {
    const { logger, pay } = prepare()
    const accept = () => Promise.reject(new Error('no'))
    await expect(pay({ amount: { source: 1n }, accept })).resolves.toMatchObject({ end: 'declined' })
    expect(logger.entries).toHaveLength(1)
  })

  it('tells its progress, and goes on when the one who is told throws', async () => {
    const { logger, pay } = prepare({ maxPacketAmount: 100n })
    const seen: Progress[] = []
    const onProgress = (progress: Progress) => {
      seen.push(progress)
      throw new Error('not now')
    }
    await expect(pay({ amount: { source: 300n }, onProgress })).resolves.toMatchObject({ end: 'completed' })
    expect(seen.map(({ sent, inFlight, reject }) => [sent, inFlight, reject?.code])).toEqual([
      // The probe for the largest packet.
      [0n, 0n, 'F08'],
      [100n, 200n, undefined],
      [200n, 100n, undefined],
      [300n, 0n, undefined],
    ])
    expect(logger.entries).toHaveLength(4)
  })

  it('tells why nothing gets through, until something does', async () => {
    const busy = reject('T02', 'test.connector', 'busy')
    let refusals = 2
    const intercept = () => (seen.at(-1)?.[0] === 100n && refusals-- > 0 ? busy : undefined)
    const { pay } = prepare({ maxPacketAmount: 100n, intercept }, { inFlightMax: 1 })
    const seen: [bigint, string | undefined][] = []
    const onProgress = ({ sent, reject }: Progress) => void seen.push([sent, reject?.code])
    const result = await pay({ amount: { source: 200n }, onProgress })
    expect(result).toMatchObject({ end: 'completed', reject: undefined })
    expect(seen).toEqual([
      [0n, 'F08'],
      [100n, undefined],
      [100n, 'T02'],
      [100n, 'T02'],
      [200n, undefined],
    ])
  })

  it('collects receipts up to the total', async () => {
    const receipts = { nonce: Buffer.alloc(16, 1), secret: Buffer.alloc(32, 2) }
    const receiver = ourReceiver({ receipts })
    const service = testPath(receiver.service, { maxPacketAmount: 100n, delayMs: () => Math.random() * 50 })
    const sender = streamSender({ service, from: testAccount('alice') })
    const { receipt } = await settled(sender.pay({ ...receiver, amount: { source: 1_234n } }))
    expect(receipt && verifyReceipt(receipt, receipts.secret)).toMatchObject({ totalReceived: 1_234n })
  })

  it('numbers each packet once, encrypts none twice, and closes the connection with the last', async () => {
    const seen: Buffer[] = []
    const { receiver, pay } = prepare({
      maxPacketAmount: 10n,
      intercept: ({ data }) => void seen.push(data),
    })
    await pay({ amount: { source: 1_000n } })
    const keys = new StreamKeys(receiver.sharedSecret)
    const packets = seen.map(data => keys.decrypt(data, IlpPacketType.Prepare))
    expect(packets.map(packet => packet?.sequence)).toEqual(seen.map((_, i) => BigInt(i + 1)))
    expect(new Set(seen.map(data => data.toString('hex', 0, 12))).size).toBe(seen.length)
    expect(packets.at(-1)?.frames).toMatchObject([{ type: FrameType.ConnectionClose }])
  })
})

describe('the minimum rate', () => {
  const halved = (units: bigint) => units / 2n

  it('ends a payment before it has begun when the path is below', async () => {
    const { path, pay } = prepare({ rate: halved })
    const minRate = { delivered: 51n, sent: 100n }
    await expect(pay({ amount: { source: 1_000n }, minRate })).resolves.toMatchObject({
      end: 'rateTooLow',
      sent: 0n,
    })
    expect(path.sent).toBe(0n)
  })

  it('is held to by every packet when the rate falls on the way', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 100n })
    const onProgress = ({ sent }: Progress) => {
      if (sent === 500n) path.options.rate = halved
    }
    const result = await pay({ amount: { source: 5_000n }, onProgress })
    expect(result.end).toBe('rateTooLow')
    expect([result.sent, result.delivered]).toEqual([path.sent, path.sent])
  })

  it('lets a payment go on when the rate comes back', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 100n })
    const onProgress = ({ sent }: Progress) => {
      if (sent !== 500n) return
      path.options.rate = halved
      setTimeout(() => {
        path.options.rate = units => units
      }, 500)
    }
    await expect(pay({ amount: { source: 5_000n }, onProgress })).resolves.toMatchObject({
      end: 'completed',
      delivered: 5_000n,
    })
  })

  it('limits what a fixed delivery may cost', async () => {
    const { pay, path } = prepare({ rate: halved, maxPacketAmount: 100n })
    const result = await pay({ amount: { delivery: 500n, sourceMax: 900n } })
    expect(result).toMatchObject({ end: 'sourceLimit', sent: 900n, delivered: 450n })
    expect(path.exposureMost).toBe(900n)
  })
})

describe('what the path refuses', () => {
  it.each(['T00', 'T01', 'T02', 'T03', 'T04', 'T05', 'R00'])(
    'with %s is sent again, after a pause',
    async code => {
      const { receiver, pay } = prepare({
        maxPacketAmount: 100n,
        intercept: (_, index) => (index % 4 === 0 ? reject(code, 'test.connector', '') : undefined),
      })
      const startMs = Date.now()
      await expect(pay({ amount: { source: 5_000n } })).resolves.toMatchObject({ end: 'completed' })
      expect(receiver.total()).toBe(5_000n)
      expect(Date.now() - startMs).toBeGreaterThan(10)
    },
  )

  it('for good ends the payment, with the reason', async () => {
    const { pay } = prepare({
      maxPacketAmount: 100n,
      intercept: (_, index) => (index === 20 ? reject('F02', 'test.far', 'no route') : undefined),
    })
    const result = await pay({ amount: { source: 100_000n } })
    expect(result).toMatchObject({ end: 'rejected', reject: { code: 'F02', triggeredBy: 'test.far' } })
    expect(result.sent).toBeGreaterThan(0n)
  })

  it('without end makes it stall', async () => {
    const busy = reject('T02', 'test.connector', 'busy')
    const { path, pay } = prepare({ intercept: () => busy }, { stallMs: 20_000 })
    await expect(pay({ amount: { source: 1n } })).resolves.toMatchObject({
      end: 'stalled',
      reject: { code: 'T02' },
    })
    expect(path.packets).toBeLessThan(20)
  })

  it('because it is too large is made smaller, also in the middle of a payment', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 1_000n })
    const onProgress = ({ sent }: Progress) => {
      if (sent === 3_000n) path.options.maxPacketAmount = 77n
    }
    const startMs = Date.now()
    await expect(pay({ amount: { source: 20_000n }, onProgress })).resolves.toMatchObject({
      end: 'completed',
    })
    expect(Date.now() - startMs).toBeLessThan(10)
  })

  it.each([true, false])(
    'is made larger when the path takes larger packets again: %s',
    async tellsMaximum => {
      const way = { maxPacketAmount: 100n, tellsMaximum, delayMs: () => 20 }
      const { path, pay } = prepare(way, { inFlightMax: 20 })
      const onProgress = ({ sent }: Progress) => {
        if (sent >= 50_000n) path.options.maxPacketAmount = 5_000n
      }
      const result = await pay({ amount: { source: 2_000_000n }, onProgress })
      expect(result).toMatchObject({ end: 'completed', sent: 2_000_000n })
      // 500 before and 400 full ones behind it; the rest is for finding that out.
      expect(path.packets).toBeLessThan(1_500)
    },
  )

  it('is hardly ever made too large while the path stays as it is', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 100n, delayMs: () => 20 })
    await expect(pay({ amount: { source: 100_000n } })).resolves.toMatchObject({ end: 'completed' })
    expect(path.replies.get('F08')).toBeLessThan(8)
  })

  it('for want of liquidity now and then does not make packets small', async () => {
    const { path, pay } = prepare({
      maxPacketAmount: 1_000n,
      delayMs: () => 20,
      intercept: (_, index) => (isUnlucky(index) ? reject('T04', 'test.connector', '') : undefined),
    })
    await expect(pay({ amount: { source: 300_000n } })).resolves.toMatchObject({ end: 'completed' })
    // Full packets are 500, two fifths of which are refused.
    expect(path.packets).toBeLessThan(700)
  })

  it('because nothing may pass ends the payment', async () => {
    const { pay } = prepare({ intercept: ({ units }) => amountTooLarge('test.connector', '', units, 0n) })
    await expect(pay({ amount: { source: 5n } })).resolves.toMatchObject({
      end: 'rejected',
      reject: { code: 'F08' },
    })
  })

  it('because nothing is left of it ends the payment', async () => {
    const { pay } = prepare({ rate: units => units / 1_000n })
    await expect(pay({ amount: { source: 999n } })).resolves.toMatchObject({
      end: 'amountTooSmall',
      sent: 0n,
    })
  })

  describe('for want of liquidity, when nothing is left of the packets that are small enough', () => {
    const short = reject('T04', 'test.connector', '')
    const stalled = { end: 'stalled', sent: 0n, reject: { code: 'T04' } }

    it.each([2n, 7n, 100n, 999n])('on their way (less than %s), stalls it', async least => {
      const { path, pay } = prepare(
        { rate: units => units / least, intercept: ({ units }) => (units >= least ? short : undefined) },
        { stallMs: 20_000 },
      )
      await expect(pay({ amount: { source: 10_000_000n } })).resolves.toMatchObject(stalled)
      expect(path.packets).toBeLessThan(100)
    })

    it('at the receiver, which they reach without money, stalls it', async () => {
      const { service, ...receiver } = ourReceiver()
      let packets = 0
      const empty = (request: IncomingRequest): Promise<Reply> => {
        packets += 1
        const { prepare } = request
        return prepare.units >= 100n
          ? Promise.resolve(short)
          : service.call({ ...request, prepare: prepare.with({ units: 0n }) })
      }
      const sender = streamSender(
        {
          service: { call: empty },
          from: testAccount('alice'),
          logger: recordingLogger(),
        },
        { stallMs: 20_000 },
      )
      const result = await settled(sender.pay({ ...receiver, amount: { source: 10_000_000n } }))
      expect(result).toMatchObject(stalled)
      expect(packets).toBeLessThan(100)
    })
  })

  it('makes the window small, and it grows again', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 10n, window: 30, delayMs: () => 20 })
    await expect(pay({ amount: { source: 20_000n } })).resolves.toMatchObject({ end: 'completed' })
    expect(path.packetsInFlightMost).toBeGreaterThan(30)
    expect(path.replies.get('T02')).toBeLessThan(200)
  })

  it('for want of liquidity makes the amount in flight small', async () => {
    const { path, pay } = prepare({ liquidity: 5_000n, delayMs: () => 20 })
    await expect(pay({ amount: { source: 100_000n } })).resolves.toMatchObject({ end: 'completed' })
    expect(path.replies.get('T04')).toBeLessThan(200)
  })
})

describe('what the receiver says', () => {
  /** A Fulfill whose STREAM packet is replaced. */
  const rewriting = (data: (reply: Fulfill, keys: StreamKeys) => Buffer, secret: () => Buffer) => ({
    maxPacketAmount: 100n,
    answer: (reply: Reply): Reply =>
      isFulfill(reply)
        ? Fulfill.create({ fulfillment: reply.fulfillment, data: data(reply, new StreamKeys(secret())) })
        : reply,
  })

  it.each(['unreadable', 'a lie', 'for another packet'])(
    'in a Fulfill counts for the minimum when it is %s',
    async what => {
      const lie = (keys: StreamKeys, sequence: bigint) =>
        keys.encrypt({ ilpPacketType: IlpPacketType.Fulfill, sequence, prepareAmount: 1n, frames: [] })
      const answer = (reply: Fulfill, keys: StreamKeys): Buffer => {
        if (what === 'unreadable') return Buffer.alloc(40)
        const { sequence = 0n } = keys.decrypt(reply.data, IlpPacketType.Fulfill) ?? {}
        return lie(keys, what === 'a lie' ? sequence : sequence + 1n)
      }
      const { receiver, path, pay } = prepare()
      Object.assign(
        path.options,
        rewriting(answer, () => receiver.sharedSecret),
      )
      const result = await pay({ amount: { source: 1_000n } })
      expect(result).toMatchObject({ end: 'completed', sent: 1_000n, delivered: 990n, deliveredMin: 990n })
    },
  )

  const saying = async (frames: Parameters<StreamKeys['encrypt']>[0]['frames'], after = 3) => {
    const { receiver, path, pay } = prepare()
    let fulfills = 0
    const answer = (reply: Fulfill, keys: StreamKeys): Buffer => {
      fulfills += 1
      const packet = keys.decrypt(reply.data, IlpPacketType.Fulfill)
      return packet && fulfills > after ? keys.encrypt({ ...packet, frames }) : reply.data
    }
    Object.assign(
      path.options,
      rewriting(answer, () => receiver.sharedSecret),
    )
    return pay({ amount: { source: 100_000n } })
  }

  it('ends the payment when it closes the connection, or the stream', async () => {
    const close = { errorCode: 1, errorMessage: '' }
    await expect(saying([{ type: FrameType.ConnectionClose, ...close }])).resolves.toMatchObject({
      end: 'receiverClosed',
    })
    await expect(saying([{ type: FrameType.StreamClose, streamId: 1n, ...close }])).resolves.toMatchObject({
      end: 'receiverClosed',
    })
  })

  it('ends the payment when its asset changes', async () => {
    const result = await saying([
      { type: FrameType.ConnectionAssetDetails, sourceAssetCode: 'XRP', sourceAssetScale: 9 },
    ])
    expect(result.end).toBe('protocolError')
  })
})

describe('the end', () => {
  it('comes by a signal, after what is in flight has come back', async () => {
    const { path, start } = prepare({ maxPacketAmount: 10n, delayMs: () => 100 })
    const controller = new AbortController()
    const onProgress = ({ sent }: Progress) => {
      if (sent > 0n) controller.abort()
    }
    const result = await settled(
      start({ amount: { source: 10_000n }, signal: controller.signal, onProgress }),
    )
    expect(result).toMatchObject({ end: 'cancelled', sent: path.sent, unknown: 0n })
    expect(result.sent).toBeGreaterThan(10n)
    expect(result.sent).toBeLessThan(200n)
  })

  it('comes at once when the signal was aborted before', async () => {
    const { path, pay } = prepare()
    await expect(pay({ amount: { source: 1n }, signal: AbortSignal.abort() })).resolves.toMatchObject({
      end: 'cancelled',
      packets: 0,
    })
    expect(path.packets).toBe(0)
  })

  it('comes when the time is over, which no packet outlives', async () => {
    const deadlineMs = Date.now() + 2_000
    const late: number[] = []
    const { pay } = prepare({
      maxPacketAmount: 10n,
      delayMs: () => 300,
      intercept: ({ expiresAtMs, units }) => void (units > 0n && late.push(expiresAtMs)),
    })
    await expect(pay({ amount: { source: 1_000_000n }, timeoutMs: 2_000 })).resolves.toMatchObject({
      end: 'timedOut',
    })
    expect(Math.max(...late)).toBeLessThanOrEqual(deadlineMs)
  })

  it('says what is unknown when answers never come, and pays nothing twice', async () => {
    const { path, pay } = prepare({ maxPacketAmount: 100n, swallows: index => index === 5 })
    const result = await pay({ amount: { source: 1_000n } })
    expect(result).toMatchObject({ end: 'unknownOutcome', sent: 900n, unknown: 100n })
    expect(path.sent).toBe(1_000n)
  })

  it('counts as unknown what a wrong fulfillment answers', async () => {
    const { pay } = prepare({
      answer: reply =>
        isFulfill(reply) ? Fulfill.create({ fulfillment: Buffer.alloc(32), data: reply.data }) : reply,
    })
    await expect(pay({ amount: { source: 9n } })).resolves.toMatchObject({
      end: 'protocolError',
      sent: 0n,
      unknown: 9n,
    })
  })

  it('comes when the service throws, which is logged', async () => {
    const logger = recordingLogger()
    const call = (): Promise<Reply> => {
      throw new Error('broken')
    }
    const sender = streamSender<IncomingRequest['from']>({
      service: { call },
      from: testAccount('alice'),
      logger,
    })
    await expect(settled(sender.pay({ ...ourReceiver(), amount: { source: 1n } }))).resolves.toMatchObject({
      end: 'serviceFailed',
    })
    expect(logger.entries).toHaveLength(1)
  })
})

it.each<[string, Partial<Payment>]>([
  ['no address', { destinationAddress: 'nowhere' }],
  ['no amount', { amount: { source: 0n } }],
  ['too large an amount', { amount: { delivery: 2n ** 64n } }],
  ['no rate', { minRate: { delivered: 1n, sent: 0n } }],
  ['too much slippage', { slippagePpm: 1_000_000 }],
])('refuses a payment with %s', async (_, wrong) => {
  const { service, destinationAddress, sharedSecret } = ourReceiver()
  const sender = streamSender({ service, from: testAccount('alice') })
  const payment = { destinationAddress, sharedSecret, amount: { source: 1n }, ...wrong }
  await expect(sender.pay(payment)).rejects.toThrow(RangeError)
})

it.each(['packetTimeoutMs', 'stallMs', 'inFlightMax'])('refuses %s of 0', name => {
  const service = ourReceiver().service
  expect(() => streamSender({ service, from: testAccount('alice') }, { [name]: 0 })).toThrow(name)
})
