import { describe, expect, it } from 'vitest'
import { OerError, Reader } from './index.js'

const reader = (hex: string): Reader => new Reader(Buffer.from(hex, 'hex'))

describe('Reader', () => {
  it('reads values one after another', () => {
    const values = reader('01' + '0203' + '04050607' + '08090a0b0c0d0e0f' + '1011' + '021213' + '0114')
    expect(values.readUInt8()).toBe(0x01)
    expect(values.readUInt16()).toBe(0x0203)
    expect(values.readUInt32()).toBe(0x0405_0607)
    expect(values.readUInt64()).toBe(0x0809_0a0b_0c0d_0e0fn)
    expect(values.readOctets(2).toString('hex')).toBe('1011')
    expect(values.readVarOctets().toString('hex')).toBe('1213')
    expect(values.remaining).toBe(2)
    expect(values.readVarUInt()).toBe(0x14n)
    expect(values.remaining).toBe(0)
  })

  it('reads unsigned values', () => {
    const values = reader('ff'.repeat(15))
    expect(values.readUInt8()).toBe(255)
    expect(values.readUInt16()).toBe(65_535)
    expect(values.readUInt32()).toBe(4_294_967_295)
    expect(values.readUInt64()).toBe(18_446_744_073_709_551_615n)
  })

  it('gives octets as views over the same bytes', () => {
    const bytes = Buffer.from('02aabbcc', 'hex')
    const values = new Reader(bytes)
    const octets = values.readVarOctets()
    const rest = values.readOctets(1)
    bytes.fill(0)
    expect(octets.toString('hex')).toBe('0000')
    expect(rest.toString('hex')).toBe('00')
  })

  it('passes over octets without reading them', () => {
    const values = reader('03aabbcc' + '07')
    values.skipVarOctets()
    expect(values.readUInt8()).toBe(7)
  })

  it('reads a length whose octets are there', () => {
    const values = reader('02aabb')
    expect(values.readLength()).toBe(2)
    expect(values.remaining).toBe(2)
  })

  it('stays between its offset and its end', () => {
    const bytes = Buffer.from('0102030405', 'hex')
    const values = new Reader(bytes, 1, 3)
    expect(values.remaining).toBe(2)
    expect(values.readUInt8()).toBe(2)
    expect(() => values.readUInt16()).toThrow(OerError)
    expect(values.readUInt8()).toBe(3)
    expect(() => values.readUInt8()).toThrow(OerError)
    expect(() => values.readLength()).toThrow(OerError)
  })

  it('does not take a length whose octets lie past its end', () => {
    const values = new Reader(Buffer.from('03aabbcc', 'hex'), 0, 3)
    expect(() => values.readVarOctets()).toThrow(new OerError('length past the end of the bytes'))
    expect(values.offset).toBe(0)
  })

  it.each([
    ['readUInt8', ''],
    ['readUInt16', '00'],
    ['readUInt32', '000000'],
    ['readUInt64', '00000000000000'],
    ['readVarOctets', ''],
    ['readVarOctets', '0100'.slice(0, 2)],
    ['skipVarOctets', '02aa'],
    ['readVarUInt', '02aa'],
    ['readLength', '82ff'],
  ] as const)('%s of %j throws an OerError', (method, hex) => {
    expect(() => reader(hex)[method]()).toThrow(OerError)
  })

  it('does not go back for a negative number of octets', () => {
    const values = reader('0102')
    values.readUInt8()
    expect(() => values.readOctets(-1)).toThrow(RangeError)
    expect(values.offset).toBe(1)
  })

  describe('readVarUInt', () => {
    it.each([
      ['0100', 0n],
      ['017f', 127n],
      ['01ff', 255n],
      ['020100', 256n],
      ['06ffffffffffff', 2n ** 48n - 1n],
      ['0701000000000000', 2n ** 48n],
      ['0720000000000001', 2n ** 53n + 1n],
      ['08ffffffffffffffff', 2n ** 64n - 1n],
      ['09010000000000000000', 2n ** 64n],
      [`8180${'ff'.repeat(128)}`, 2n ** 1024n - 1n],
    ])('reads %s', (hex, value) => {
      expect(reader(hex).readVarUInt()).toBe(value)
    })

    it('refuses no digits and leading zeros', () => {
      expect(() => reader('00').readVarUInt()).toThrow(new OerError('integer without digits'))
      expect(() => reader('020001').readVarUInt()).toThrow(new OerError('integer with a leading zero'))
      expect(() => reader('020000').readVarUInt()).toThrow(new OerError('integer with a leading zero'))
    })
  })
})
