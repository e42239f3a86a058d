import { Fulfill, Prepare, Reject } from '@ilp/service-core'
import { TEST_CONDITION, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BtpFrameError,
  ContentType,
  decodeFrame,
  encodeFrame,
  encodeIlp,
  FRAME_LENGTH_MAX,
  FrameType,
  frameRequestId,
  frameType,
  readIlp,
} from './index.js'

const packet = (data: Uint8Array) => ({
  byteLength: data.length,
  copyTo: (target: Buffer, offset: number) => {
    target.set(data, offset)
    return offset + data.length
  },
})

const ilpFrame = (type: 1 | 6, requestId: number, data: Uint8Array) =>
  encodeFrame({
    type,
    requestId,
    protocolData: [{ protocolName: 'ilp', contentType: ContentType.OCTET_STREAM, data }],
  })

test('writes an ILP packet just as the general encoder does, into a buffer of just its size', () => {
  for (const length of [0, 1, 100, 118, 119, 127, 128, 246, 255, 256, 32_767, FRAME_LENGTH_MAX - 18]) {
    const data = Buffer.alloc(length, 7)
    for (const requestId of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      const bytes = encodeIlp(FrameType.MESSAGE, requestId, packet(data))
      expect(bytes.equals(ilpFrame(FrameType.MESSAGE, requestId, data))).toBe(true)
      expect(frameRequestId(bytes)).toBe(requestId)
      expect(readIlp(bytes)?.equals(data)).toBe(true)
    }
  }
})

test('carries each kind of packet; a changed amount and expiry are in the frame', () => {
  const changed = testPrepare({ executionCondition: TEST_CONDITION }).with({ units: 5n, expiresAtMs: 1_000 })
  const prepare = Prepare.decode(readIlp(encodeIlp(FrameType.MESSAGE, 1, changed)) as Buffer)
  expect(prepare).toMatchObject({ units: 5n, expiresAtMs: 1_000, destination: changed.destination })
  const fulfill = testFulfill({ data: Buffer.from('hi') })
  expect(Fulfill.decode(readIlp(encodeIlp(FrameType.RESPONSE, 1, fulfill)) as Buffer)).toEqual(fulfill)
  const reject = testReject({ code: 'T04' })
  expect(Reject.decode(readIlp(encodeIlp(FrameType.RESPONSE, 1, reject)) as Buffer)).toEqual(reject)
})

test('gives a view over the bytes that were read', () => {
  const bytes = encodeIlp(FrameType.RESPONSE, 1, packet(Buffer.from('abc')))
  const view = readIlp(bytes)
  bytes[bytes.length - 1] = 0x64
  expect(view?.toString()).toBe('abd')
})

test('the primary sub-protocol decides: ilp among the secondaries is not acted upon', () => {
  const ilp = { protocolName: 'ilp', contentType: 0, data: Buffer.from('p') }
  const other = { protocolName: 'claim', contentType: 2, data: Buffer.from('{}') }
  const read = (...protocolData: (typeof ilp)[]) =>
    readIlp(encodeFrame({ type: FrameType.MESSAGE, requestId: 1, protocolData }))
  expect(read(ilp, other)?.toString()).toBe('p')
  expect(read(other, ilp)).toBeUndefined()
  expect(read(other)).toBeUndefined()
  expect(read()).toBeUndefined()
})

/** What a function makes of the bytes, or the code of the error that it throws. */
const outcome = (read: () => unknown): unknown => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BtpFrameError)) throw error
    return error.code
  }
}

const mutated = fc
  .tuple(
    fc.constantFrom(
      ilpFrame(FrameType.MESSAGE, 1, Buffer.alloc(4, 9)),
      ilpFrame(FrameType.RESPONSE, 1, Buffer.alloc(200, 9)),
      encodeFrame({
        type: FrameType.MESSAGE,
        requestId: 3,
        protocolData: ['ilp', 'abc', 'ilq'].map(protocolName => ({
          protocolName,
          contentType: 1,
          data: Buffer.from('xy'),
        })),
      }),
    ),
    fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 3 }),
    fc.option(fc.nat(60)),
    fc.uint8Array({ maxLength: 3 }),
  )
  .map(([frame, changes, cut, tail]) => {
    const bytes = Buffer.from(frame)
    for (const [at, value] of changes) if (at > 0 && at < bytes.length) bytes[at] = value
    return Buffer.concat([bytes.subarray(0, cut ?? bytes.length), tail])
  })

test('agrees with the general decoder on every frame, damaged ones as well', () => {
  void fc.assert(
    fc.property(mutated, (bytes): void => {
      fc.pre(frameType(bytes) === FrameType.MESSAGE || frameType(bytes) === FrameType.RESPONSE)
      const expected = outcome(() => {
        const [primary] = decodeFrame(bytes).protocolData
        return primary?.protocolName === 'ilp' ? Buffer.from(primary.data).toString('hex') : undefined
      })
      expect(outcome(() => readIlp(bytes)?.toString('hex'))).toBe(expected)
    }),
    { numRuns: 5_000 },
  )
})
