import { UINT64_MAX, Writer } from '@ilp/oer'
import fc from 'fast-check'
import { deserializeIlpPrepare, isPrepare, serializeIlpPrepare, Type } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import {
  ADDRESS_LENGTH_MAX,
  DATA_LENGTH_MAX,
  InvalidPacketError,
  PACKET_LENGTH_MAX,
  Prepare,
  type PrepareFields,
  TIMESTAMP_MAX_MS,
  TIMESTAMP_MIN_MS,
} from '../index.js'

const EXPIRES_AT = new Date('2017-12-24T16:14:32.279Z')
const CONDITION = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 1))
const LONGEST_ADDRESS = `g.${'a'.repeat(ADDRESS_LENGTH_MAX - 2)}`
const AMOUNTS = [0n, 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, UINT64_MAX]

const prepare = (fields: Partial<PrepareFields> = {}): Prepare =>
  Prepare.create({
    units: 107n,
    expiresAt: EXPIRES_AT,
    executionCondition: CONDITION,
    destination: 'example.alice',
    data: Buffer.from('hello'),
    ...fields,
  })

const HEX = `0c4d000000000000006b3230313731323234313631343332323739${CONDITION.toString('hex')}0d${Buffer.from('example.alice').toString('hex')}05${Buffer.from('hello').toString('hex')}`

/** A Prepare's bytes with any part of them replaced. */
function bytesWith(
  parts: {
    type?: number
    expiry?: string
    destination?: Buffer
    data?: Buffer
    inside?: Buffer
    behind?: Buffer
  } = {},
): Buffer {
  const contents = new Writer()
    .writeUInt64(107n)
    .writeOctets(Buffer.from(parts.expiry ?? '20171224161432279', 'latin1'))
    .writeOctets(CONDITION)
    .writeVarOctets(parts.destination ?? Buffer.from('example.alice'))
    .writeVarOctets(parts.data ?? Buffer.from('hello'))
    .writeOctets(parts.inside ?? Buffer.alloc(0))
    .toBuffer()
  const packet = new Writer().writeUInt8(parts.type ?? Type.TYPE_ILP_PREPARE).writeVarOctets(contents)
  return packet.writeOctets(parts.behind ?? Buffer.alloc(0)).toBuffer()
}

const plain = (packet: Prepare) => ({
  type: packet.type,
  units: packet.units,
  amount: packet.amount,
  expiresAtMs: packet.expiresAtMs,
  expiresAt: packet.expiresAt,
  executionCondition: packet.executionCondition.toString('hex'),
  destination: packet.destination,
  data: packet.data.toString('hex'),
})

describe('Prepare', () => {
  it('has the bytes of RFC 27', () => {
    expect(prepare().toBuffer().toString('hex')).toBe(HEX)
    expect(bytesWith().toString('hex')).toBe(HEX)
    expect(prepare().byteLength).toBe(HEX.length / 2)
  })

  it('reads its fields where they lie', () => {
    const packet = Prepare.decode(Buffer.from(HEX, 'hex'))
    expect(plain(packet)).toEqual({
      type: 12,
      units: 107n,
      amount: '107',
      expiresAtMs: EXPIRES_AT.getTime(),
      expiresAt: EXPIRES_AT,
      executionCondition: CONDITION.toString('hex'),
      destination: 'example.alice',
      data: Buffer.from('hello').toString('hex'),
    })
    expect(packet.conditionHex()).toBe(CONDITION.toString('hex'))
  })

  it('gives data and condition as views over the received bytes', () => {
    const bytes = Buffer.from(HEX, 'hex')
    const packet = Prepare.decode(bytes)
    expect(packet.data.buffer).toBe(bytes.buffer)
    expect(packet.executionCondition.buffer).toBe(bytes.buffer)
  })

  it('is an IlpPrepare of ilp-packet', () => {
    const packet = Prepare.decode(Buffer.from(HEX, 'hex'))
    expect(isPrepare(packet)).toBe(true)
    expect(serializeIlpPrepare(packet).toString('hex')).toBe(HEX)
  })

  it.each(AMOUNTS)('keeps an amount of %i to the unit', units => {
    expect(prepare({ units }).amount).toBe(units.toString())
    expect(Prepare.decode(prepare({ units }).toBuffer()).units).toBe(units)
    expect(deserializeIlpPrepare(prepare({ units }).toBuffer()).amount).toBe(units.toString())
  })

  it.each([0, 1, 127, 128, 255, 256, 32_766, 32_767])('carries %i octets of data', length => {
    const data = Buffer.alloc(length, 0xab)
    expect(prepare({ data }).data.equals(data)).toBe(true)
    const decoded = Prepare.decode(prepare({ data }).toBuffer())
    expect(decoded.data.equals(data)).toBe(true)
    expect(decoded.toBuffer().equals(prepare({ data }).toBuffer())).toBe(true)
  })

  it('refuses 32,768 octets of data, made or received', () => {
    const data = Buffer.alloc(DATA_LENGTH_MAX + 1)
    expect(() => prepare({ data })).toThrow(InvalidPacketError)
    expect(() => Prepare.decode(bytesWith({ data }))).toThrow(InvalidPacketError)
    expect(() => Prepare.decode(bytesWith({ data: data.subarray(1) }))).not.toThrow()
  })

  it('fits into the length of the largest packet', () => {
    const largest = prepare({ destination: LONGEST_ADDRESS, data: Buffer.alloc(DATA_LENGTH_MAX) })
    expect(largest.byteLength).toBeLessThanOrEqual(PACKET_LENGTH_MAX)
    expect(Prepare.decode(largest.toBuffer()).destination).toBe(LONGEST_ADDRESS)
  })

  describe('create', () => {
    it.each<[string, Partial<PrepareFields>]>([
      ['a negative amount', { units: -1n }],
      ['an amount of 2^64', { units: UINT64_MAX + 1n }],
      ['no expiry', { expiresAt: new Date(Number.NaN) }],
      ['an expiry in the year 10000', { expiresAt: new Date(TIMESTAMP_MAX_MS + 1) }],
      ['an expiry in the year -1', { expiresAt: new Date(TIMESTAMP_MIN_MS - 1) }],
      ['a condition of 31 octets', { executionCondition: CONDITION.subarray(1) }],
      ['a condition of 33 octets', { executionCondition: Buffer.alloc(33) }],
      ['no destination', { destination: '' }],
      ['a scheme as destination', { destination: 'g' }],
      ['a prefix as destination', { destination: 'g.alice.' }],
      ['a destination that is too long', { destination: `${LONGEST_ADDRESS}a` }],
      ['a destination that turns into an address when its high bits are lost', { destination: 'g.\u0161' }],
    ])('refuses %s', (_, fields) => {
      expect(() => prepare(fields)).toThrow(InvalidPacketError)
    })

    it('copies what it is given', () => {
      const data = Buffer.from('hello')
      const packet = prepare({ data })
      data.fill(0)
      expect(packet.data.toString()).toBe('hello')
    })

    it('takes plain byte arrays', () => {
      const packet = prepare({ executionCondition: Uint8Array.from(CONDITION), data: Uint8Array.of(1, 2) })
      expect(packet.executionCondition.equals(CONDITION)).toBe(true)
      expect(packet.data.equals(Buffer.of(1, 2))).toBe(true)
    })
  })

  describe('decode', () => {
    it.each([
      ['nothing', Buffer.alloc(0)],
      ['a type alone', Buffer.of(12)],
      ['an empty packet', Buffer.of(12, 0)],
      ['a Fulfill', bytesWith({ type: 13 })],
      ['a Reject', bytesWith({ type: 14 })],
      ['an unknown type', bytesWith({ type: 1 })],
      ['an indefinite length', Buffer.concat([Buffer.of(12, 0x80), bytesWith().subarray(2)])],
      ['a long form of a short length', Buffer.concat([Buffer.of(12, 0x81, 77), bytesWith().subarray(2)])],
      [
        'an enormous length',
        Buffer.concat([Buffer.of(12, 0x84, 255, 255, 255, 255), bytesWith().subarray(2)]),
      ],
      ['16 digits', bytesWith({ expiry: '2017122416143227' })],
      ['18 digits', bytesWith({ expiry: '201712241614322790' })],
      ['month 13', bytesWith({ expiry: '20171324161432279' })],
      ['24 hours', bytesWith({ expiry: '20171224240000000' })],
      ['60 seconds', bytesWith({ expiry: '20161231235960852' })],
      ['February 30', bytesWith({ expiry: '20240230000000000' })],
      ['no destination', bytesWith({ destination: Buffer.alloc(0) })],
      ['a scheme as destination', bytesWith({ destination: Buffer.from('g') })],
      ['a dot at the end', bytesWith({ destination: Buffer.from('g.a.') })],
      ['a destination with its high bits set', bytesWith({ destination: Buffer.from('e7aee1', 'hex') })],
      ['a destination of 1,024 octets', bytesWith({ destination: Buffer.from(`${LONGEST_ADDRESS}a`) })],
    ])('refuses %s', (_, bytes) => {
      expect(() => Prepare.decode(bytes)).toThrow(InvalidPacketError)
    })

    it('refuses a packet cut short anywhere', () => {
      const bytes = bytesWith()
      for (let length = 0; length < bytes.length; length++)
        expect(() => Prepare.decode(bytes.subarray(0, length))).toThrow(InvalidPacketError)
    })

    it('refuses fields that reach past the contents, though bytes follow', () => {
      const bytes = bytesWith({ behind: Buffer.alloc(100) })
      // The contents end inside the data, then inside the destination, then inside the condition.
      for (const shorter of [1, 8, 20, 30]) {
        const cut = Buffer.from(bytes)
        cut[1] = (cut[1] as number) - shorter
        expect(() => Prepare.decode(cut)).toThrow(InvalidPacketError)
      }
    })

    it('ignores bytes behind the packet, and does not pass them on', () => {
      const packet = Prepare.decode(bytesWith({ behind: Buffer.from('junk') }))
      expect(plain(packet)).toEqual(plain(prepare()))
      expect(packet.byteLength).toBe(HEX.length / 2)
      expect(packet.toBuffer().toString('hex')).toBe(HEX)
    })

    it('ignores bytes behind the last field, and passes them on', () => {
      const bytes = bytesWith({ inside: Buffer.from('later') })
      const packet = Prepare.decode(bytes)
      expect(plain(packet)).toEqual(plain(prepare()))
      expect(packet.toBuffer().equals(bytes)).toBe(true)
    })

    it('throws nothing but InvalidPacketError, whatever the bytes', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (octets, headed) => {
          const bytes = Buffer.from(octets)
          if (headed && bytes.length > 1) bytes.set([12, bytes.length - 2])
          try {
            Prepare.decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidPacketError)
          }
        }),
        { numRuns: 2_000 },
      )
    })
  })

  describe('with', () => {
    it('changes amount, expiry, or both, in a view over the same bytes', () => {
      const bytes = Buffer.from(HEX, 'hex')
      const packet = Prepare.decode(bytes)
      const later = packet.with({ units: 5n, expiresAtMs: Date.UTC(2030, 0, 1) })
      expect(plain(packet.with({}))).toEqual(plain(packet))
      expect(plain(packet.with({ units: 5n }))).toEqual({ ...plain(packet), units: 5n, amount: '5' })
      expect(later.data.buffer).toBe(bytes.buffer)
      expect(plain(later)).toEqual({
        ...plain(packet),
        units: 5n,
        amount: '5',
        expiresAtMs: Date.UTC(2030, 0, 1),
        expiresAt: new Date('2030-01-01T00:00:00.000Z'),
      })
    })

    it('leaves the packet and its bytes as they were', () => {
      const bytes = Buffer.from(HEX, 'hex')
      const packet = Prepare.decode(bytes)
      const before = plain(packet)
      packet.with({ units: 5n, expiresAtMs: 0 }).toBuffer()
      expect(plain(packet)).toEqual(before)
      expect(packet.toBuffer().toString('hex')).toBe(HEX)
      expect(bytes.toString('hex')).toBe(HEX)
    })

    it('keeps the amount to the unit', () => {
      for (const units of AMOUNTS)
        expect(Prepare.decode(prepare().with({ units }).toBuffer()).amount).toBe(units.toString())
    })

    it('cuts fractions of a millisecond off, so that no expiry is put off', () => {
      const packet = prepare().with({ expiresAtMs: EXPIRES_AT.getTime() + 0.999 })
      expect(packet.expiresAtMs).toBe(EXPIRES_AT.getTime())
      expect(Prepare.decode(packet.toBuffer()).expiresAtMs).toBe(EXPIRES_AT.getTime())
    })

    it.each([
      [{ units: -1n }],
      [{ units: UINT64_MAX + 1n }],
      [{ expiresAtMs: Number.NaN }],
      [{ expiresAtMs: Number.POSITIVE_INFINITY }],
      [{ expiresAtMs: TIMESTAMP_MAX_MS + 1 }],
      [{ expiresAtMs: TIMESTAMP_MIN_MS - 1 }],
    ])('refuses %o', change => {
      expect(() => prepare().with(change)).toThrow(InvalidPacketError)
    })

    it('takes the first and the last instant that a timestamp can tell', () => {
      for (const expiresAtMs of [TIMESTAMP_MIN_MS, 0, TIMESTAMP_MAX_MS]) {
        const bytes = prepare().with({ expiresAtMs }).toBuffer()
        expect(Prepare.decode(bytes).expiresAtMs).toBe(expiresAtMs)
      }
    })
  })

  describe('copyTo', () => {
    it('writes the packet with its own amount and expiry, and nothing beside it', () => {
      const packet = Prepare.decode(Buffer.from(HEX, 'hex')).with({ units: 5n, expiresAtMs: 0 })
      const frame = Buffer.alloc(200, 0xee)
      const end = packet.copyTo(frame, 10)
      expect(end).toBe(10 + packet.byteLength)
      expect(frame.subarray(10, end).equals(packet.toBuffer())).toBe(true)
      expect(frame.subarray(0, 10).every(byte => byte === 0xee)).toBe(true)
      expect(frame.subarray(end).every(byte => byte === 0xee)).toBe(true)
      expect(plain(Prepare.decode(frame.subarray(10, end)))).toEqual(plain(packet))
    })

    it('throws when the packet does not fit, and writes nothing', () => {
      const frame = Buffer.alloc(prepare().byteLength + 3, 0xee)
      expect(prepare().copyTo(frame, 3)).toBe(frame.length)
      frame.fill(0xee)
      expect(() => prepare().copyTo(frame, 4)).toThrow(RangeError)
      expect(() => prepare().copyTo(frame, 1_000)).toThrow(RangeError)
      expect(frame.every(byte => byte === 0xee)).toBe(true)
    })
  })

  it('says the same after any way through bytes and changes', () => {
    const fields = fc.record({
      units: fc.bigInt({ min: 0n, max: UINT64_MAX }),
      expiresAt: fc.integer({ min: TIMESTAMP_MIN_MS, max: TIMESTAMP_MAX_MS }).map(ms => new Date(ms)),
      executionCondition: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      destination: fc.stringMatching(/^(g|test[123]?|peer)(\.[A-Za-z0-9_~-]{1,20}){1,8}$/),
      data: fc.uint8Array({ maxLength: 400 }),
    })
    fc.assert(
      fc.property(fields, fields, (first, second) => {
        const { units, expiresAt } = second
        const changed = Prepare.decode(prepare(first).toBuffer()).with({
          units,
          expiresAtMs: expiresAt.getTime(),
        })
        const made = prepare({ ...first, units, expiresAt })
        expect(plain(changed)).toEqual(plain(made))
        expect(changed.toBuffer().equals(made.toBuffer())).toBe(true)
        expect(plain(Prepare.decode(changed.toBuffer()))).toEqual(plain(made))
      }),
      { numRuns: 500 },
    )
  })
})
