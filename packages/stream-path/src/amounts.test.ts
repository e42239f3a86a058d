import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextPart } from './amounts.js'

const units = fc.bigInt(1n, 2n ** 64n - 1n)

describe('the part of an amount that the next packet takes', () => {
  it('is all of what fits, a full packet, or half of what two packets take', () => {
    expect([nextPart(0n, 10n), nextPart(10n, 10n), nextPart(11n, 10n)]).toEqual([0n, 10n, 6n])
    expect([nextPart(19n, 10n), nextPart(20n, 10n), nextPart(1_000n, 10n)]).toEqual([10n, 10n, 10n])
  })

  it('comes to as few packets as there can be, none of them less than half full unless it is the only one', () => {
    fc.assert(
      fc.property(units, fc.bigInt(1n, 300n), (size, packets) => {
        const total = (size * packets * 7n) / 10n + 1n
        let left = total
        let count = 0n
        while (left > 0n) {
          const part = nextPart(left, size)
          expect(part).toBeLessThanOrEqual(size)
          if (total > size) expect(part * 2n).toBeGreaterThanOrEqual(size)
          left -= part
          count += 1n
        }
        expect(count).toBe((total + size - 1n) / size)
      }),
    )
  })
})
