import { createHash } from 'node:crypto'
import { Writer } from '@ilp/oer'
import fc from 'fast-check'
import { isFulfill as isTheirFulfill, serializeIlpFulfill } from 'ilp-packet'
import { describe, expect, it } from 'vitest'
import { DATA_LENGTH_MAX, Fulfill, InvalidPacketError, Prepare } from '../index.js'

const FULFILLMENT = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 1))
const HEX = `0d26${FULFILLMENT.toString('hex')}0568656c6c6f`
const fulfill = (data: Uint8Array = Buffer.from('hello')): Fulfill =>
  Fulfill.create({ fulfillment: FULFILLMENT, data })

const prepareFor = (executionCondition: Uint8Array): Prepare =>
  Prepare.create({
    units: 1n,
    expiresAt: new Date(0),
    executionCondition,
    destination: 'g.alice',
    data: Buffer.alloc(0),
  })

const bytesWith = (contents: Buffer, behind = Buffer.alloc(0), type = 13): Buffer =>
  new Writer().writeUInt8(type).writeVarOctets(contents).writeOctets(behind).toBuffer()

describe('Fulfill', () => {
  it('has the bytes of RFC 27 and reads its fields where they lie', () => {
    expect(fulfill().toBuffer().toString('hex')).toBe(HEX)
    expect(fulfill().byteLength).toBe(HEX.length / 2)
    const bytes = Buffer.from(HEX, 'hex')
    const packet = Fulfill.decode(bytes)
    expect(packet.type).toBe(13)
    expect(packet.fulfillment.equals(FULFILLMENT)).toBe(true)
    expect(packet.data.toString()).toBe('hello')
    expect(packet.data.buffer).toBe(bytes.buffer)
  })

  it('is an IlpFulfill of ilp-packet', () => {
    expect(isTheirFulfill(Fulfill.decode(Buffer.from(HEX, 'hex')))).toBe(true)
    expect(serializeIlpFulfill(fulfill()).toString('hex')).toBe(HEX)
  })

  it.each([0, 1, 93, 94, 127, 128, 255, 256, 32_767])('carries %i octets of data', length => {
    const data = Buffer.alloc(length, 0xcd)
    expect(Fulfill.decode(fulfill(data).toBuffer()).data.equals(data)).toBe(true)
  })

  it('refuses what is too long or too short to make', () => {
    expect(() => fulfill(Buffer.alloc(DATA_LENGTH_MAX + 1))).toThrow(InvalidPacketError)
    for (const length of [0, 31, 33])
      expect(() => Fulfill.create({ fulfillment: Buffer.alloc(length), data: Buffer.alloc(0) })).toThrow(
        InvalidPacketError,
      )
  })

  it('refuses another type, 32,768 octets of data, and a packet cut short anywhere', () => {
    const tooMuch = new Writer().writeOctets(FULFILLMENT).writeVarOctets(Buffer.alloc(DATA_LENGTH_MAX + 1))
    expect(() => Fulfill.decode(bytesWith(tooMuch.toBuffer()))).toThrow(InvalidPacketError)
    const bytes = Buffer.from(HEX, 'hex')
    for (const type of [0, 12, 14])
      expect(() => Fulfill.decode(bytesWith(bytes.subarray(2), undefined, type))).toThrow(InvalidPacketError)
    for (let length = 0; length < bytes.length; length++)
      expect(() => Fulfill.decode(bytes.subarray(0, length))).toThrow(InvalidPacketError)
  })

  it('ignores trailing bytes: passes inner ones on, drops outer ones', () => {
    const inner = bytesWith(Buffer.concat([fulfill().toBuffer().subarray(2), Buffer.from('later')]))
    expect(Fulfill.decode(inner).data.toString()).toBe('hello')
    expect(Fulfill.decode(inner).toBuffer().equals(inner)).toBe(true)
    const outer = Buffer.concat([fulfill().toBuffer(), Buffer.from('junk')])
    expect(Fulfill.decode(outer).data.toString()).toBe('hello')
    expect(Fulfill.decode(outer).toBuffer().toString('hex')).toBe(HEX)
  })

  it('is copied whole or not at all', () => {
    const frame = Buffer.alloc(fulfill().byteLength + 2, 0xee)
    expect(fulfill().copyTo(frame, 1)).toBe(frame.length - 1)
    expect(frame.toString('hex')).toBe(`ee${HEX}ee`)
    frame.fill(0xee)
    expect(() => fulfill().copyTo(frame, 3)).toThrow(RangeError)
    expect(frame.every(byte => byte === 0xee)).toBe(true)
  })

  it("fulfills a Prepare whose condition is the fulfillment's hash, and no other", () => {
    const condition = createHash('sha256').update(FULFILLMENT).digest()
    expect(fulfill().fulfills(prepareFor(condition))).toBe(true)
    for (let bit = 0; bit < 256; bit++) {
      const other = Buffer.from(condition)
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(fulfill().fulfills(prepareFor(other))).toBe(false)
    }
  })

  it('fulfills the condition of the peer protocols with 32 zeros', () => {
    const condition = Buffer.from('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925', 'hex')
    const zeros = Fulfill.create({ fulfillment: Buffer.alloc(32), data: Buffer.alloc(0) })
    expect(zeros.fulfills(prepareFor(condition))).toBe(true)
  })

  it('throws nothing but InvalidPacketError, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.boolean(), (octets, headed) => {
        const bytes = Buffer.from(octets)
        if (headed && bytes.length > 1) bytes.set([13, bytes.length - 2])
        try {
          Fulfill.decode(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPacketError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
