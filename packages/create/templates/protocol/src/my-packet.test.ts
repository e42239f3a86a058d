import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMyPacket, encodeMyPacket, InvalidMyPacketError, TEXT_LENGTH_MAX } from './my-packet.js'

const packets = fc.record({
  type: fc.integer({ min: 0, max: 255 }),
  text: fc.string({ unit: 'grapheme', maxLength: 100 }),
})

test('a packet is a type, a length and a text', () => {
  expect(encodeMyPacket({ type: 1, text: 'hi' }).toString('hex')).toBe('01026869')
})

test('what was encoded is decoded, also with more octets behind it', () => {
  fc.assert(
    fc.property(packets, fc.uint8Array(), (packet, more) => {
      expect(decodeMyPacket(Buffer.concat([encodeMyPacket(packet), more]))).toEqual(packet)
    }),
  )
})

test('a packet that ends too early is refused, wherever it ends', () => {
  const whole = encodeMyPacket({ type: 1, text: 'hello' })
  for (let length = 0; length < whole.length; length++)
    expect(() => decodeMyPacket(whole.subarray(0, length))).toThrow(InvalidMyPacketError)
})

test('anything at all is decoded or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), octets => {
      try {
        decodeMyPacket(Buffer.from(octets))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMyPacketError)
      }
    }),
  )
})

test('a text of the greatest length passes, one octet more does not', () => {
  const text = 'a'.repeat(TEXT_LENGTH_MAX)
  expect(decodeMyPacket(encodeMyPacket({ type: 0, text })).text).toBe(text)
  expect(() => encodeMyPacket({ type: 0, text: `${text}a` })).toThrow(InvalidMyPacketError)
})

test.each([-1, 256, 0.5, Number.NaN])('a type of %s is not encoded', type => {
  expect(() => encodeMyPacket({ type, text: '' })).toThrow(InvalidMyPacketError)
})
