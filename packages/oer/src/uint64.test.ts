import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUInt64, UINT64_MAX, writeUInt64 } from './index.js'

describe('uint64', () => {
  it.each([
    [0n, '0000000000000000'],
    [1n, '0000000000000001'],
    [0xffff_ffffn, '00000000ffffffff'],
    [0x1_0000_0000n, '0000000100000000'],
    [2n ** 53n + 1n, '0020000000000001'],
    [2n ** 63n, '8000000000000000'],
    [2n ** 63n - 1n, '7fffffffffffffff'],
    [0x0102_0304_0506_0708n, '0102030405060708'],
    [UINT64_MAX, 'ffffffffffffffff'],
  ])('%i is %s', (value, hex) => {
    const bytes = Buffer.alloc(10, 0xee)
    writeUInt64(bytes, 1, value)
    expect(bytes.toString('hex')).toBe(`ee${hex}ee`)
    expect(readUInt64(bytes, 1)).toBe(value)
  })

  it("says and writes what Node's buffers do", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: UINT64_MAX }), fc.nat(8), (value, offset) => {
        const ours = Buffer.alloc(16)
        const nodes = Buffer.alloc(16)
        writeUInt64(ours, offset, value)
        nodes.writeBigUInt64BE(value, offset)
        expect(ours).toEqual(nodes)
        expect(readUInt64(nodes, offset)).toBe(value)
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps a value that was read when another is read', () => {
    const bytes = Buffer.from('00000000000000010000000000000002', 'hex')
    const first = readUInt64(bytes, 0)
    expect(readUInt64(bytes, 8)).toBe(2n)
    expect(first).toBe(1n)
  })
})
