import { Writer } from '@ilp/oer'
import fc from 'fast-check'
import { isReject, serializeIlpReject } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import {
  ADDRESS_LENGTH_MAX,
  DATA_LENGTH_MAX,
  InvalidPacketError,
  MESSAGE_LENGTH_MAX,
  PACKET_LENGTH_MAX,
  Reject,
  type RejectFields,
} from '../index.js'

const FIELDS: RejectFields = {
  code: 'F02',
  triggeredBy: 'g.bob',
  message: 'no route',
  data: Buffer.from('hello'),
}
const HEX = '0e18463032' + '05672e626f62' + '086e6f20726f757465' + '0568656c6c6f'
const LONGEST_ADDRESS = `g.${'a'.repeat(ADDRESS_LENGTH_MAX - 2)}`

const reject = (fields: Partial<RejectFields> = {}): Reject => Reject.create({ ...FIELDS, ...fields })

/** A Reject's bytes with any part of them replaced. */
function bytesWith(
  parts: {
    type?: number
    code?: Buffer
    triggeredBy?: Buffer
    message?: Buffer
    data?: Buffer
    inside?: Buffer
  } = {},
): Buffer {
  const contents = new Writer()
    .writeOctets(parts.code ?? Buffer.from('F02'))
    .writeVarOctets(parts.triggeredBy ?? Buffer.from('g.bob'))
    .writeVarOctets(parts.message ?? Buffer.from('no route'))
    .writeVarOctets(parts.data ?? Buffer.from('hello'))
    .writeOctets(parts.inside ?? Buffer.alloc(0))
  return new Writer()
    .writeUInt8(parts.type ?? 14)
    .writeVarOctets(contents.toBuffer())
    .toBuffer()
}

const plain = ({ code, triggeredBy, message, data }: Reject) => ({
  code,
  triggeredBy,
  message,
  data: data.toString('hex'),
})

describe('Reject', () => {
  it('has the bytes of RFC 27 and reads its fields where they lie', () => {
    expect(reject().toBuffer().toString('hex')).toBe(HEX)
    expect(reject().byteLength).toBe(HEX.length / 2)
    const bytes = Buffer.from(HEX, 'hex')
    const packet = Reject.decode(bytes)
    expect(packet.type).toBe(14)
    expect(plain(packet)).toEqual({ ...FIELDS, data: '68656c6c6f' })
    expect(packet.data.buffer).toBe(bytes.buffer)
  })

  it('is an IlpReject of ilp-packet', () => {
    expect(isReject(Reject.decode(Buffer.from(HEX, 'hex')))).toBe(true)
    expect(serializeIlpReject(reject()).toString('hex')).toBe(HEX)
  })

  it('may have no address, no message and no data', () => {
    const empty = reject({ triggeredBy: '', message: '', data: Buffer.alloc(0) })
    expect(empty.toBuffer().toString('hex')).toBe('0e06463032000000')
    expect(plain(Reject.decode(empty.toBuffer()))).toEqual({
      code: 'F02',
      triggeredBy: '',
      message: '',
      data: '',
    })
  })

  it('carries a message of 8,191 octets and data of 32,767, and no octet more', () => {
    const longest = { message: 'm'.repeat(MESSAGE_LENGTH_MAX), data: Buffer.alloc(DATA_LENGTH_MAX, 1) }
    const decoded = Reject.decode(reject(longest).toBuffer())
    expect(decoded.message).toBe(longest.message)
    expect(decoded.data.equals(longest.data)).toBe(true)

    const message = Buffer.alloc(MESSAGE_LENGTH_MAX + 1, 'm')
    const data = Buffer.alloc(DATA_LENGTH_MAX + 1)
    expect(() => reject({ message: message.toString() })).toThrow(InvalidPacketError)
    expect(() => reject({ data })).toThrow(InvalidPacketError)
    expect(() => Reject.decode(bytesWith({ message }))).toThrow(InvalidPacketError)
    expect(() => Reject.decode(bytesWith({ data }))).toThrow(InvalidPacketError)
  })

  it('counts a message in octets of UTF-8, not in characters', () => {
    expect(reject({ message: 'é'.repeat(4_095) }).message).toBe('é'.repeat(4_095))
    expect(() => reject({ message: 'é'.repeat(4_096) })).toThrow(InvalidPacketError)
  })

  it('is at its largest exactly the length of the largest packet', () => {
    const largest = reject({
      triggeredBy: LONGEST_ADDRESS,
      message: 'm'.repeat(MESSAGE_LENGTH_MAX),
      data: Buffer.alloc(DATA_LENGTH_MAX),
    })
    expect(largest.byteLength).toBe(PACKET_LENGTH_MAX)
  })

  it.each<[string, Partial<RejectFields>]>([
    ['no code', { code: '' }],
    ['a code of two characters', { code: 'F0' }],
    ['a code of four characters', { code: 'F000' }],
    ['a code outside ASCII', { code: 'F0\u0130' }],
    ['a control character in its code', { code: 'F0\n' }],
    ['a triggeredBy that is no address', { triggeredBy: 'bob' }],
    ['a triggeredBy that turns into an address when its high bits are lost', { triggeredBy: '\u0167.bob' }],
    ['a triggeredBy of 1,024 octets', { triggeredBy: `${LONGEST_ADDRESS}a` }],
  ])('is not made with %s', (_, fields) => {
    expect(() => reject(fields)).toThrow(InvalidPacketError)
  })

  it('is passed on as it came, whatever code, address and message it has', () => {
    const odd = bytesWith({
      code: Buffer.from('F\u00ff\n', 'latin1'),
      triggeredBy: Buffer.from('not an address', 'latin1'),
      message: Buffer.from('ff00fe', 'hex'),
    })
    const packet = Reject.decode(odd)
    expect(packet.code).toBe('F\u00ff\n')
    expect(packet.triggeredBy).toBe('not an address')
    expect(packet.message).toBe('\ufffd\0\ufffd')
    expect(packet.toBuffer().equals(odd)).toBe(true)
    expect(Reject.decode(bytesWith({ code: Buffer.from('F09') })).code).toBe('F09')
  })

  it('refuses a triggeredBy of 1,024 octets, another type, and a packet cut short anywhere', () => {
    expect(() => Reject.decode(bytesWith({ triggeredBy: Buffer.alloc(1_024, 'a') }))).toThrow(
      InvalidPacketError,
    )
    for (const type of [0, 12, 13])
      expect(() => Reject.decode(bytesWith({ type }))).toThrow(InvalidPacketError)
    const bytes = Buffer.from(HEX, 'hex')
    for (let length = 0; length < bytes.length; length++)
      expect(() => Reject.decode(bytes.subarray(0, length))).toThrow(InvalidPacketError)
  })

  it('ignores trailing bytes: passes inner ones on, drops outer ones', () => {
    const inner = bytesWith({ inside: Buffer.from('later') })
    expect(plain(Reject.decode(inner))).toEqual(plain(reject()))
    expect(Reject.decode(inner).toBuffer().equals(inner)).toBe(true)
    const outer = Buffer.concat([bytesWith(), Buffer.from('junk')])
    expect(plain(Reject.decode(outer))).toEqual(plain(reject()))
    expect(Reject.decode(outer).toBuffer().toString('hex')).toBe(HEX)
  })

  it('is copied whole or not at all', () => {
    const frame = Buffer.alloc(reject().byteLength + 2, 0xee)
    expect(reject().copyTo(frame, 1)).toBe(frame.length - 1)
    expect(frame.toString('hex')).toBe(`ee${HEX}ee`)
    frame.fill(0xee)
    expect(() => reject().copyTo(frame, 3)).toThrow(RangeError)
    expect(frame.every(byte => byte === 0xee)).toBe(true)
  })

  it('throws nothing but InvalidPacketError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (octets, headed) => {
        const bytes = Buffer.from(octets)
        if (headed && bytes.length > 1) bytes.set([14, bytes.length - 2])
        try {
          Reject.decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPacketError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
