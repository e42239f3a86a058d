import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BtpFrame,
  BtpFrameError,
  ContentType,
  decodeFrame,
  ERROR_DATA_LENGTH_MAX,
  encodeFrame,
  encodeRefusal,
  FRAME_LENGTH_MAX,
  FrameType,
  SUB_PROTOCOLS_MAX,
} from './index.js'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const codeOf = (bytes: Buffer): string => {
  try {
    decodeFrame(bytes)
    return 'none'
  } catch (error) {
    return error instanceof BtpFrameError ? error.code : String(error)
  }
}
const entry = (protocolName: string, data = '') => ({
  protocolName,
  contentType: ContentType.OCTET_STREAM,
  data: Buffer.from(data),
})
const message = (...protocolData: ReturnType<typeof entry>[]): BtpFrame => ({
  type: FrameType.MESSAGE,
  requestId: 1,
  protocolData,
})

// Type, request id, length, then what the type has, then the count of sub-protocols and each of them.
const FRAMES: readonly [string, string, BtpFrame][] = [
  ['an empty Response', '01 00000001 02 0100', { type: FrameType.RESPONSE, requestId: 1, protocolData: [] }],
  [
    'a Message',
    '06 ffffffff 0a 0101 03696c70 00 020c00',
    {
      type: FrameType.MESSAGE,
      requestId: 0xffff_ffff,
      protocolData: [{ protocolName: 'ilp', contentType: 0, data: hex('0c00') }],
    },
  ],
  [
    'a Message with two sub-protocols',
    '06 00000002 17 0102 0461757468 00 00 0a617574685f746f6b656e 01 0178',
    {
      type: FrameType.MESSAGE,
      requestId: 2,
      protocolData: [
        { protocolName: 'auth', contentType: 0, data: hex('') },
        { protocolName: 'auth_token', contentType: 1, data: hex('78') },
      ],
    },
  ],
  [
    'a Transfer',
    '07 00000003 0a ffffffffffffffff 0100',
    { type: FrameType.TRANSFER, requestId: 3, amount: 2n ** 64n - 1n, protocolData: [] },
  ],
  [
    'an Error',
    '02 00000004 1d 463030 0141 13 32303137313232343136313433322e3237395a 0164 0100',
    {
      type: FrameType.ERROR,
      requestId: 4,
      code: 'F00',
      name: 'A',
      triggeredAt: new Date('2017-12-24T16:14:32.279Z'),
      data: hex('64'),
      protocolData: [],
    },
  ],
]

describe.each(FRAMES)('%s', (_name, bytes, frame) => {
  test('is decoded', () => expect(decodeFrame(hex(bytes))).toEqual(frame))
  test('is encoded', () => expect(encodeFrame(frame).toString('hex')).toBe(hex(bytes).toString('hex')))
  test('is unreadable wherever it is cut off', () => {
    for (let length = 0; length < hex(bytes).length; length++) {
      expect(codeOf(hex(bytes).subarray(0, length))).toBe('ERR_BTP_UNREADABLE')
    }
  })
})

test('octets behind the frame, and behind its last field, are ignored', () => {
  expect(decodeFrame(hex('01 00000001 02 0100 ffff'))).toEqual(FRAMES[0]?.[2])
  expect(decodeFrame(hex('01 00000001 04 0100 ffff'))).toEqual(FRAMES[0]?.[2])
})

test('the length of the contents may take more than two octets', () => {
  const frame = message(entry('ilp', 'x'.repeat(300)))
  const bytes = encodeFrame(frame)
  expect(bytes[5]).toBe(0x82)
  expect(decodeFrame(bytes)).toEqual(frame)
})

test('data are views over the bytes that were read', () => {
  const bytes = hex('06 00000001 0a 0101 03696c70 00 020c00')
  const [ilp] = decodeFrame(bytes).protocolData
  bytes[bytes.length - 1] = 9
  expect(ilp?.data[1]).toBe(9)
})

test.each([
  ['nothing', ''],
  ['a type of BTP 1', '03 00000001 02 0100'],
  ['a type that nobody knows', 'ff 00000001 02 0100'],
  ['a length past the end', '01 00000001 03 0100'],
  ['an indefinite length', '01 00000001 80 0100'],
  ['a length of four gigabytes', '01 00000001 84ffffffff 0100'],
  ['a short length in the long form', '01 00000001 8102 0100'],
  ['a length with a leading zero', '01 00000001 820002 0100'],
  ['a count of no digits', '01 00000001 01 00'],
  ['a count with a leading zero', '01 00000001 03 020000'],
  ['a count of sub-protocols that are not there', '01 00000001 02 0101'],
  ['a count past what there may be', '01 00000001 02 0141'],
  ['a count of 2^63', '01 00000001 09 088000000000000000'],
  ['a name that is not IA5', '06 00000001 0a 0101 03696cf0 00 020c00'],
  ['a code that is not IA5', '02 00000004 1c 463080 00 13 32303137313232343136313433322e3237395a 0164 0100'],
  ['a time that is none', '02 00000004 1c 463030 00 13 32303137313332343136313433322e3237395a 0164 0100'],
])('%s is unreadable', (_name, bytes) => {
  expect(codeOf(hex(bytes))).toBe('ERR_BTP_UNREADABLE')
})

test('two sub-protocols of one name are told apart from what is unreadable', () => {
  expect(codeOf(hex('06 00000001 0e 0102 03696c70 00 00 03696c70 00 00'))).toBe('ERR_BTP_DUPLICATE_NAME')
})

test('a count of sub-protocols of 60,000 octets is refused without writing it out, which would take long', () => {
  const count = Buffer.concat([hex('82ea60'), Buffer.alloc(60_000, 0xff)])
  const frame = Buffer.concat([hex('06 00000001 82ea63'), count])
  expect(() => decodeFrame(frame)).toThrow(/^.{0,100}$/)
})

test('a frame whose end is missing is unreadable, whatever is repeated before', () => {
  expect(codeOf(hex('06 00000001 0e 0103 03696c70 00 00 03696c70 00 00'))).toBe('ERR_BTP_UNREADABLE')
})

test('limits: sub-protocols, length of a frame, data of an Error', () => {
  const many = Array.from({ length: SUB_PROTOCOLS_MAX }, (_, i) => entry(`p${i}`))
  expect(decodeFrame(encodeFrame(message(...many)))).toEqual(message(...many))
  expect(() => encodeFrame(message(...many, entry('one')))).toThrow(RangeError)

  const largest = message(entry('ilp', 'x'.repeat(FRAME_LENGTH_MAX - 18)))
  expect(encodeFrame(largest)).toHaveLength(FRAME_LENGTH_MAX)
  expect(decodeFrame(encodeFrame(largest))).toEqual(largest)
  expect(() => encodeFrame(message(entry('ilp', 'x'.repeat(FRAME_LENGTH_MAX - 17))))).toThrow(RangeError)
  expect(codeOf(Buffer.concat([encodeFrame(largest), Buffer.alloc(1)]))).toBe('ERR_BTP_UNREADABLE')

  const reason = 'x'.repeat(ERROR_DATA_LENGTH_MAX)
  const error = encodeRefusal(1, 'F00', reason)
  expect(decodeFrame(error)).toMatchObject({ data: Buffer.from(reason) })
  expect(() => encodeRefusal(1, 'F00', `${reason}x`)).toThrow(RangeError)
  // The same Error with an octet more of data: its length prefixes, each of two octets, counted up by one.
  const prefixAt = error.indexOf(Buffer.from('822000', 'hex'))
  error.writeUInt16BE(error.readUInt16BE(6) + 1, 6)
  error.writeUInt16BE(ERROR_DATA_LENGTH_MAX + 1, prefixAt + 1)
  expect(codeOf(Buffer.concat([error.subarray(0, -2), Buffer.from('x\x01\x00')]))).toBe('ERR_BTP_UNREADABLE')
})

test.each<[string, BtpFrame]>([
  ['request id', { type: FrameType.RESPONSE, requestId: 2 ** 32, protocolData: [] }],
  ['negative request id', { type: FrameType.RESPONSE, requestId: -1, protocolData: [] }],
  ['amount', { type: FrameType.TRANSFER, requestId: 0, amount: 2n ** 64n, protocolData: [] }],
  ['name', message(entry('ü'))],
  ['repeated name', message(entry('a'), entry('a'))],
  ['content type', message({ ...entry('a'), contentType: 256 as 0 })],
])('a %s that no frame can have is not encoded', (_name, frame) => {
  expect(() => encodeFrame(frame)).toThrow(RangeError)
})

test('a code of other than three characters, and a year past 9999, are not encoded', () => {
  const error = decodeFrame(encodeRefusal(1, 'F00', '')) as BtpFrame & { type: 2 }
  expect(() => encodeFrame({ ...error, code: 'F0' })).toThrow(RangeError)
  expect(() => encodeFrame({ ...error, triggeredAt: new Date(Date.UTC(10_000, 0)) })).toThrow(RangeError)
})

test('a refusal has the name that RFC 23 gives its code, the time of now and the reason', () => {
  const before = Date.now()
  const frame = decodeFrame(encodeRefusal(7, 'T00', 'later'))
  expect(frame).toMatchObject({
    requestId: 7,
    code: 'T00',
    name: 'UnreachableError',
    data: Buffer.from('later'),
  })
  const { triggeredAt } = frame as BtpFrame & { type: 2 }
  expect(triggeredAt.getTime()).toBeGreaterThanOrEqual(before)
  expect(triggeredAt.getTime()).toBeLessThanOrEqual(Date.now())
  expect(decodeFrame(encodeRefusal(7, 'F00', ''))).toMatchObject({ name: 'NotAcceptedError' })
})

const subProtocols = fc.uniqueArray(
  fc.record({
    protocolName: fc.string({ unit: 'grapheme-ascii', maxLength: 140 }),
    contentType: fc.nat(255),
    data: fc.uint8Array({ maxLength: 300 }).map(octets => Buffer.from(octets)),
  }),
  { selector: item => item.protocolName, maxLength: 5 },
)
const frames: fc.Arbitrary<BtpFrame> = fc.oneof(
  fc.record({
    type: fc.constantFrom(FrameType.MESSAGE, FrameType.RESPONSE),
    requestId: fc.nat(0xffff_ffff),
    protocolData: subProtocols,
  }),
  fc.record({
    type: fc.constant(FrameType.TRANSFER),
    requestId: fc.nat(0xffff_ffff),
    amount: fc.bigInt(0n, 2n ** 64n - 1n),
    protocolData: subProtocols,
  }),
  fc.record({
    type: fc.constant(FrameType.ERROR),
    requestId: fc.nat(0xffff_ffff),
    code: fc.string({ unit: 'grapheme-ascii', minLength: 3, maxLength: 3 }),
    name: fc.string({ unit: 'grapheme-ascii' }),
    triggeredAt: fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    }),
    data: fc.uint8Array({ maxLength: 300 }).map(octets => Buffer.from(octets)),
    protocolData: subProtocols,
  }),
)

test('decoding gives back what was encoded, and encoding what was decoded', () => {
  void fc.assert(
    fc.property(frames, frame => {
      const bytes = encodeFrame(frame)
      expect(decodeFrame(bytes)).toEqual(frame)
      expect(encodeFrame(decodeFrame(bytes))).toEqual(bytes)
    }),
  )
})
