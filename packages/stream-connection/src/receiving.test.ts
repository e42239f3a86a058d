import { createCipheriv, createHmac } from 'node:crypto'
import { recordingLogger } from '@ilp/service-testing'
import { ErrorCode, encodeStreamPacket, type Frame, FrameType, IlpPacketType } from '@ilp/stream-packet'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { bareClient } from '../test/hostile.js'

const open: ReturnType<typeof bareClient>[] = []
function client(...args: Parameters<typeof bareClient>) {
  const made = bareClient(...args)
  open.push(made)
  return made
}
afterEach(async () => {
  for (const { connections } of open.splice(0)) await Promise.all(connections.map(each => each.destroy()))
})

const money = (streamId: bigint, shares = 1n): Frame => ({ type: FrameType.StreamMoney, streamId, shares })
const data = (streamId: bigint, offset: number, length: number): Frame => ({
  type: FrameType.StreamData,
  streamId,
  offset: BigInt(offset),
  data: Buffer.alloc(length, offset & 255),
})
const closeOf = (frames: readonly Frame[]) => frames.find(({ type }) => type === FrameType.ConnectionClose)
const many = { receiveMax: 10n ** 9n }

describe('money', () => {
  it('is split by shares, rounded down, and the rest goes to the lowest stream that is open', async () => {
    const { send, connection } = client(many)
    const totals = new Map<number, bigint>()
    await send({ frames: [money(1n, 0n)] })
    connection().on('stream', stream => stream.on('money', units => totals.set(stream.id, units)))
    const { code } = await send({ amount: 101n, frames: [money(3n, 2n), money(5n, 3n), money(1n, 5n)] })
    expect(code).toBe('fulfilled')
    expect(Object.fromEntries(totals)).toEqual({ 1: 51n, 3: 20n, 5: 30n })
  })

  it('is split by shares that add up beyond 64 bits', async () => {
    const { send, connection } = client(many)
    const most = 2n ** 64n - 1n
    expect((await send({ amount: 100n, frames: [money(1n, most), money(3n, most)] })).code).toBe('fulfilled')
    expect(connection().totalReceived).toBe(100n)
  })

  it('is refused above the limit, below the minimum, for no stream, and as a probe', async () => {
    const { send, connection } = client({ receiveMax: 1_000n })
    const full = await send({ amount: 1_011n, frames: [money(1n)] })
    expect(full.code).toBe('F99')
    expect(full.frames).toContainEqual({
      type: FrameType.StreamMaxMoney,
      streamId: 1n,
      receiveMax: 1_000n,
      totalReceived: 0n,
    })
    expect((await send({ amount: 9n, minimum: 10n, frames: [money(1n)] })).code).toBe('F99')
    expect((await send({ amount: 9n, frames: [] })).code).toBe('F99')
    const probe = await send({ amount: 77n, fulfillable: false })
    expect([probe.code, probe.got]).toEqual(['F99', 77n])
    expect(connection().totalReceived).toBe(0n)
    // One in a hundred is for those who round up.
    expect((await send({ amount: 1_010n, frames: [money(1n)] })).code).toBe('fulfilled')
    expect((await send({ amount: 1n, frames: [money(1n)] })).code).toBe('F99')
  })

  it('is offered to the application, which may refuse it or fail, and never twice into the same room', async () => {
    const logger = recordingLogger()
    const answers = [true, false]
    const { send, connection } = client(
      { receiveMax: 100n },
      {
        logger,
        accept: async () => {
          await Promise.resolve()
          const answer = answers.shift()
          if (answer === undefined) throw new Error('no')
          return answer
        },
      },
    )
    const sent = [60n, 60n].map(amount => send({ amount, frames: [money(1n)] }))
    expect((await Promise.all(sent)).map(({ code }) => code)).toEqual(['fulfilled', 'F99'])
    expect((await send({ amount: 10n, frames: [money(1n)] })).code).toBe('F99')
    expect((await send({ amount: 10n, frames: [money(1n)] })).code).toBe('F99')
    expect(connection().totalReceived).toBe(60n)
    expect(logger.entries).toHaveLength(1)
  })
})

describe('a rule that is broken closes the connection', () => {
  const expectClosed = async (
    code: number,
    options: Parameters<typeof bareClient>[0],
    ...packets: Frame[][]
  ) => {
    const { send, connection } = client({ ...many, ...options })
    const last = packets.pop() as Frame[]
    for (const frames of packets) expect((await send({ frames })).code).toBe('fulfilled')
    const { code: ilpCode, frames } = await send({ frames: last })
    expect([ilpCode, closeOf(frames)]).toMatchObject(['F99', { errorCode: code }])
    expect(await connection().closed).toMatchObject({ code: 'ERR_STREAM_PROTOCOL', errorCode: code })
    // It stays closed, and takes nothing more.
    const again = await send({ amount: 5n, frames: [money(1n)] })
    expect([again.code, closeOf(again.frames)]).toMatchObject(['F99', { errorCode: code }])
    expect(connection().totalReceived).toBe(0n)
  }

  it.each([
    ['a stream with the server’s parity', ErrorCode.ProtocolViolation, [[money(2n)]]],
    ['stream 0', ErrorCode.ProtocolViolation, [[money(0n)]]],
    ['a stream above the maximum', ErrorCode.StreamIdError, [[money(21n)]]],
    ['a stream far above', ErrorCode.StreamIdError, [[money(2n ** 64n - 1n)]]],
    ['data beyond the stream’s window', ErrorCode.FlowControlError, [[data(1n, 65_530, 7)]]],
    ['data at the end of the world', ErrorCode.FlowControlError, [[data(1n, 2 ** 53 - 1, 7)]]],
    ['fragments that overlap', ErrorCode.ProtocolViolation, [[data(1n, 0, 10)], [data(1n, 5, 10)]]],
    [
      'fragments that overlap behind a gap',
      ErrorCode.ProtocolViolation,
      [[data(1n, 10, 10)], [data(1n, 15, 10)]],
    ],
    [
      'other asset details',
      ErrorCode.ProtocolViolation,
      [
        [{ type: FrameType.ConnectionAssetDetails, sourceAssetCode: 'USD', sourceAssetScale: 2 }],
        [{ type: FrameType.ConnectionAssetDetails, sourceAssetCode: 'USD', sourceAssetScale: 3 }],
      ],
    ],
  ] as [string, number, Frame[][]][])('%s', (_, code, packets) => expectClosed(code, {}, ...packets))

  it('data beyond the connection’s window', () => {
    const window = { streamBufferBytes: 65_536, connectionBufferBytes: 65_536 }
    return expectClosed(
      ErrorCode.FlowControlError,
      window,
      [data(1n, 0, 30_000)],
      [data(3n, 0, 30_000)],
      [data(5n, 0, 5_537)],
    )
  })

  it('a frame that is malformed', async () => {
    const { send, sharedSecret, connection } = client()
    await send({})
    const plain = encodeStreamPacket({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: 9n,
      prepareAmount: 0n,
      frames: [money(1n)],
    })
    // The length of the stream id becomes more than there is.
    plain[plain.length - 4] = 0x7f
    const { frames } = await send({ data: sealed(sharedSecret, plain) })
    expect(closeOf(frames)).toMatchObject({ errorCode: ErrorCode.FrameFormatError })
    expect(await connection().closed).toMatchObject({ errorCode: ErrorCode.FrameFormatError })
  })
})

/** Encrypts octets that no codec would make. */
function sealed(sharedSecret: Uint8Array, plain: Buffer): Buffer {
  const key = createHmac('sha256', sharedSecret).update('ilp_stream_encryption').digest()
  const iv = Buffer.alloc(12, 5)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), body])
}

describe('a closed stream', () => {
  it('takes no more money and data, and makes room for another', async () => {
    const { send } = client({ ...many, peerStreamsMax: 1 })
    await send({ amount: 1n, frames: [money(1n)] })
    const close: Frame = { type: FrameType.StreamClose, streamId: 1n, errorCode: 1, errorMessage: '' }
    await send({ frames: [close] })
    for (const frame of [money(1n), data(1n, 0, 1)]) {
      const { code, frames } = await send({ frames: [frame] })
      expect(code).toBe('F99')
      expect(frames).toContainEqual(
        expect.objectContaining({ type: FrameType.StreamClose, errorCode: ErrorCode.StreamStateError }),
      )
    }
    expect((await send({ amount: 1n, frames: [money(3n)] })).code).toBe('fulfilled')
  })

  it('ends behind the data that came with its end', async () => {
    const { send, connection } = client()
    const close: Frame = { type: FrameType.StreamClose, streamId: 1n, errorCode: 1, errorMessage: '' }
    await send({ frames: [close, data(1n, 0, 5)] })
    for await (const stream of connection()) {
      const chunks: Uint8Array[] = []
      for await (const chunk of stream.readable) chunks.push(chunk)
      expect(Buffer.concat(chunks)).toHaveLength(5)
      return
    }
  })
})

describe('what is kept', () => {
  it('is nothing of packets that do not decrypt', async () => {
    const { send, connections } = client()
    const { code } = await send({ data: Buffer.alloc(100, 1) })
    expect([code, connections.length]).toEqual(['F06', 0])
  })

  it('is no data that is scattered too much: it is refused until gaps are filled', async () => {
    const { send } = client()
    const scattered = Array.from({ length: 256 }, (_, i) => data(1n, 2 * i + 1, 1))
    expect((await send({ frames: scattered })).code).toBe('fulfilled')
    expect((await send({ frames: [data(1n, 1_001, 1)] })).code).toBe('F99')
    expect((await send({ frames: [data(1n, 0, 1)] })).code).toBe('fulfilled')
    expect((await send({ frames: [data(1n, 1_001, 1)] })).code).toBe('fulfilled')
  })

  it('is bounded whatever ids streams are given', async () => {
    const { send } = client({ ...many, peerStreamsMax: 5 })
    // Always leaving out every other one uses up the room for them.
    const codes: string[] = []
    for (let id = 3n; id < 40n; id += 4n) {
      const close: Frame = { type: FrameType.StreamClose, streamId: id, errorCode: 1, errorMessage: '' }
      codes.push((await send({ frames: [money(id), close] })).code)
    }
    expect(codes.filter(code => code === 'fulfilled').length).toBeLessThanOrEqual(5)
  })
})

describe('addresses', () => {
  const newAddress = (sourceAddress: string): Frame => ({
    type: FrameType.ConnectionNewAddress,
    sourceAddress,
  })

  it('that are not known to be the other end’s get one packet, without money or data', async () => {
    const { send, connection, calls } = client()
    await send({ frames: [newAddress('test.victim')] })
    const stream = connection().createStream()
    stream.setSendMax(10n ** 9n)
    void stream.writable
      .getWriter()
      .write(Buffer.alloc(200_000))
      .catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(calls.map(({ units, data: { length } }) => [units, length < 100])).toEqual([[0n, true]])
  })

  it('that can not be are ignored', async () => {
    const { send, connection, calls } = client()
    for (const address of ['', 'nowhere', 'g.live.network', 'test..x'])
      await send({ frames: [newAddress(address)] })
    connection().createStream()
    await new Promise(resolve => setImmediate(resolve))
    expect([connection().peerAddress, calls.length]).toEqual([undefined, 0])
  })
})

it('whatever frames come, every packet is answered, and the books agree', async () => {
  const id = fc.oneof(fc.bigInt(0n, 24n), fc.constant(2n ** 64n - 1n))
  const whole = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 2n ** 64n - 1n))
  const anyFrame = fc.oneof(
    fc.record({ type: fc.constant(FrameType.StreamMoney), streamId: id, shares: whole }),
    fc.record({ type: fc.constant(FrameType.StreamData), streamId: id, offset: whole, data: anyOctets() }),
    fc.record({
      type: fc.constant(FrameType.StreamMaxMoney),
      streamId: id,
      receiveMax: whole,
      totalReceived: whole,
    }),
    fc.record({ type: fc.constant(FrameType.StreamMaxData), streamId: id, maxOffset: whole }),
    fc.record({
      type: fc.constant(FrameType.StreamClose),
      streamId: id,
      errorCode: fc.nat(255),
      errorMessage: fc.string(),
    }),
    fc.record({ type: fc.constant(FrameType.ConnectionMaxData), maxOffset: whole }),
    fc.record({ type: fc.constant(FrameType.ConnectionMaxStreamId), maxStreamId: whole }),
    fc.record({ type: fc.constant(FrameType.ConnectionStreamIdBlocked), maxStreamId: whole }),
    fc.record({
      type: fc.constant(FrameType.ConnectionNewAddress),
      sourceAddress: fc.constantFrom('', 'test.a', 'x'),
    }),
    fc.record({ type: fc.constant(FrameType.StreamReceipt), streamId: id, receipt: anyOctets() }),
  ) as fc.Arbitrary<Frame>
  const anyPacket = fc.record({ amount: fc.bigInt(0n, 1_000n), frames: fc.array(anyFrame, { maxLength: 8 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(anyPacket, { maxLength: 20 }), async packets => {
      const { send, connections } = client(many)
      let fulfilled = 0n
      for (const packet of packets) {
        const { code, sequence, got } = await send(packet)
        expect(['fulfilled', 'F99']).toContain(code)
        expect([sequence !== undefined, got]).toEqual([true, packet.amount])
        if (code === 'fulfilled') fulfilled += packet.amount
      }
      expect(connections[0]?.totalReceived ?? 0n).toBe(fulfilled)
    }),
    { numRuns: 200 },
  )
})

function anyOctets() {
  return fc.uint8Array({ maxLength: 40 }).map(octets => Buffer.from(octets))
}
