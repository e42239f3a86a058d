import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reader, sizeOfVarUInt, UINT64_MAX, Writer } from './index.js'

const hex = (writer: Writer): string => writer.toBuffer().toString('hex')

/** A value of each kind, with how it is written and read back. */
const value = fc.oneof(
  fc.record({ kind: fc.constant('readUInt8'), value: fc.integer({ min: 0, max: 0xff }) } as const),
  fc.record({ kind: fc.constant('readUInt16'), value: fc.integer({ min: 0, max: 0xffff }) } as const),
  fc.record({ kind: fc.constant('readUInt32'), value: fc.integer({ min: 0, max: 0xffff_ffff }) } as const),
  fc.record({ kind: fc.constant('readUInt64'), value: fc.bigInt({ min: 0n, max: UINT64_MAX }) } as const),
  fc.record({ kind: fc.constant('readVarUInt'), value: fc.bigInt({ min: 0n, max: 2n ** 1100n }) } as const),
  fc.record({ kind: fc.constant('readVarOctets'), value: fc.uint8Array({ maxLength: 300 }) } as const),
  fc.record({ kind: fc.constant('text'), value: fc.string({ unit: 'binary', maxLength: 100 }) } as const),
)

describe('Writer', () => {
  it('writes values one after another', () => {
    const writer = new Writer()
      .writeUInt8(0x01)
      .writeUInt16(0x0203)
      .writeUInt32(0x0405_0607)
      .writeUInt64(0x0809_0a0b_0c0d_0e0fn)
      .writeOctets(Buffer.from('1011', 'hex'))
      .writeVarOctets(Buffer.from('1213', 'hex'))
      .writeVarString('é')
      .writeLength(300)
      .writeVarUInt(0n)
    expect(hex(writer)).toBe('0102030405060708090a0b0c0d0e0f101102121302c3a982012c0100')
    expect(writer.length).toBe(28)
  })

  it('begins empty', () => {
    expect(new Writer().toBuffer()).toHaveLength(0)
    expect(new Writer(0).writeUInt8(7).toBuffer()).toEqual(Buffer.of(7))
  })

  it('grows as needed and keeps what was written', () => {
    const writer = new Writer(1)
    for (let i = 0; i < 1_000; i++) writer.writeUInt16(i)
    writer.writeOctets(Buffer.alloc(10_000, 0xab))
    const bytes = writer.toBuffer()
    expect(bytes).toHaveLength(12_000)
    for (let i = 0; i < 1_000; i++) expect(bytes.readUInt16BE(i * 2)).toBe(i)
    expect(bytes.subarray(2_000)).toEqual(Buffer.alloc(10_000, 0xab))
  })

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 20 }), fc.nat(64), (values, capacity) => {
        const writer = new Writer(capacity)
        for (const { kind, value } of values)
          if (kind === 'readUInt8') writer.writeUInt8(value)
          else if (kind === 'readUInt16') writer.writeUInt16(value)
          else if (kind === 'readUInt32') writer.writeUInt32(value)
          else if (kind === 'readUInt64') writer.writeUInt64(value)
          else if (kind === 'readVarUInt') writer.writeVarUInt(value)
          else if (kind === 'readVarOctets') writer.writeVarOctets(value)
          else writer.writeVarString(value)
        const reader = new Reader(writer.toBuffer())
        for (const { kind, value } of values)
          if (kind === 'text') expect(reader.readVarOctets()).toEqual(Buffer.from(value))
          else if (kind === 'readVarOctets') expect(reader.readVarOctets()).toEqual(Buffer.from(value))
          else expect(reader[kind]()).toBe(value)
        expect(reader.remaining).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [0n, '0100'],
    [1n, '0101'],
    [255n, '01ff'],
    [256n, '020100'],
    [2n ** 64n - 1n, '08ffffffffffffffff'],
    [2n ** 64n, '09010000000000000000'],
    [2n ** 1016n - 1n, `7f${'ff'.repeat(127)}`],
    [2n ** 1016n, `818001${'00'.repeat(127)}`],
  ])('writes %i as a VarUInt without leading zeros', (value, expected) => {
    expect(hex(new Writer().writeVarUInt(value))).toBe(expected)
    expect(sizeOfVarUInt(value)).toBe(expected.length / 2)
  })

  it('writes text as UTF-8, a lone surrogate as the replacement character', () => {
    expect(hex(new Writer().writeVarString(''))).toBe('00')
    expect(hex(new Writer().writeVarString('😀'))).toBe('04f09f9880')
    expect(hex(new Writer().writeVarString('\ud83d'))).toBe('03efbfbd')
    expect(hex(new Writer(0).writeVarString('x'.repeat(200)))).toBe(`81c8${'78'.repeat(200)}`)
  })

  it.each([
    ['a UInt8', (writer: Writer) => writer.writeUInt8(256)],
    ['a UInt8', (writer: Writer) => writer.writeUInt8(-1)],
    ['a UInt16', (writer: Writer) => writer.writeUInt16(65_536)],
    ['a UInt32', (writer: Writer) => writer.writeUInt32(2 ** 32)],
    ['a UInt64', (writer: Writer) => writer.writeUInt64(2n ** 64n)],
    ['a UInt64', (writer: Writer) => writer.writeUInt64(-1n)],
    ['a VarUInt', (writer: Writer) => writer.writeVarUInt(-1n)],
    ['a length', (writer: Writer) => writer.writeLength(-1)],
    ['a length', (writer: Writer) => writer.writeLength(2 ** 32)],
    ['a length', (writer: Writer) => writer.writeLength(1.5)],
    ['a length', (writer: Writer) => writer.writeLength(Number.NaN)],
  ])('refuses %s out of its range, and writes nothing', (_, write) => {
    const writer = new Writer().writeUInt8(1)
    expect(() => write(writer)).toThrow(RangeError)
    expect(hex(writer)).toBe('01')
  })
})
