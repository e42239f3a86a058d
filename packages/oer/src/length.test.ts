import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  lengthPrefixSize,
  OerError,
  readLengthPrefix,
  sizeOfLengthPrefix,
  writeLengthPrefix,
} from './index.js'

/** The length that `prefix` states, as if all the octets that it speaks of followed. */
const read = (prefix: string, following = Number.MAX_SAFE_INTEGER): number => {
  const bytes = Buffer.from(prefix, 'hex')
  return readLengthPrefix(bytes, 0, lengthPrefixSize(bytes, 0), following)
}

const written = (length: number): string => {
  const bytes = Buffer.alloc(8, 0xee)
  return bytes.toString('hex', 0, writeLengthPrefix(bytes, 0, length))
}

describe('a length prefix', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [7, '07'],
    [127, '7f'],
    [128, '8180'],
    [130, '8182'],
    [255, '81ff'],
    [256, '820100'],
    [4660, '821234'],
    [65_535, '82ffff'],
    [65_536, '83010000'],
    [11_259_375, '83abcdef'],
    [0xff_ffff, '83ffffff'],
    [0x100_0000, '8401000000'],
    [0xffff_ffff, '84ffffffff'],
  ])('of %i is written and read as %s', (length, prefix) => {
    expect(written(length)).toBe(prefix)
    expect(sizeOfLengthPrefix(length)).toBe(prefix.length / 2)
    expect(read(prefix)).toBe(length)
  })

  it('comes back for every length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), length => {
        expect(read(written(length))).toBe(length)
      }),
    )
  })

  it('is written at its offset, and nothing beside it changes', () => {
    const bytes = Buffer.alloc(6, 0xee)
    expect(writeLengthPrefix(bytes, 2, 300)).toBe(5)
    expect(bytes.toString('hex')).toBe('eeee82012cee')
  })

  it.each([
    ['the indefinite form', '80', 'indefinite length'],
    ['a leading zero', '820080', 'length with a leading zero'],
    ['nothing but zeros', '8100', 'length with a leading zero'],
    ['the long form of 127', '817f', 'long form of a short length'],
    ['the long form of 1', '8101', 'long form of a short length'],
    ['five bytes', '850100000000', 'length of more than four bytes'],
    ['eight bytes', '88ac01055a1debac1e', 'length of more than four bytes'],
    ['127 bytes', `ff${'01'.repeat(127)}`, 'length of more than four bytes'],
  ])('with %s is refused', (_, prefix, message) => {
    expect(() => read(prefix)).toThrow(new OerError(message))
  })

  it('that is missing, or cut short, is refused', () => {
    expect(() => lengthPrefixSize(Buffer.alloc(0), 0)).toThrow(OerError)
    expect(() => lengthPrefixSize(Buffer.alloc(3), 3)).toThrow(OerError)
    expect(() => read('82', 1)).toThrow(new OerError('length prefix is truncated'))
    expect(() => read('8201', 2)).toThrow(new OerError('length prefix is truncated'))
  })

  it('that reaches past the end is refused, however long it says to be', () => {
    expect(read('03', 4)).toBe(3)
    expect(() => read('04', 4)).toThrow(new OerError('length past the end of the bytes'))
    expect(() => read('84ffffffff', 4096)).toThrow(new OerError('length past the end of the bytes'))
  })

  it('is the only prefix of its length: what is read is what would be written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), octets => {
        const bytes = Buffer.from(octets)
        let length: number
        let size: number
        try {
          size = lengthPrefixSize(bytes, 0)
          length = readLengthPrefix(bytes, 0, size, size > bytes.length ? bytes.length : 2 ** 33)
        } catch (error) {
          expect(error).toBeInstanceOf(OerError)
          return
        }
        expect(written(length)).toBe(bytes.toString('hex', 0, size))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('OerError', () => {
  it('has a stable code', () => {
    expect(new OerError('x')).toMatchObject({ name: 'OerError', code: 'ERR_OER', message: 'x' })
  })
})
