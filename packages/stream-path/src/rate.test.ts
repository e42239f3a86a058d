import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deliveredDown,
  deliveredUp,
  isBelow,
  lessPpm,
  type Rate,
  RateEstimate,
  sourceFor,
  sourceWithin,
  trimmed,
} from './rate.js'

const u64 = fc.bigInt(1n, 2n ** 64n - 1n)
const rate = fc.record({ delivered: u64, sent: u64 })

describe('a rate', () => {
  it('gives what an amount brings, rounded down or up', () => {
    const twoThirds = { delivered: 2n, sent: 3n }
    expect([deliveredDown(twoThirds, 10n), deliveredUp(twoThirds, 10n)]).toEqual([6n, 7n])
    expect([deliveredDown(twoThirds, 9n), deliveredUp(twoThirds, 9n)]).toEqual([6n, 6n])
    expect([deliveredDown(twoThirds, 0n), deliveredUp(twoThirds, 0n)]).toEqual([0n, 0n])
  })

  it('gives the least amount that brings so many units', () => {
    fc.assert(
      fc.property(rate, u64, (some, units) => {
        const amount = sourceFor(some, units)
        expect(deliveredDown(some, amount)).toBeGreaterThanOrEqual(units)
        expect(deliveredDown(some, amount - 1n)).toBeLessThan(units)
      }),
    )
  })

  it('gives the largest amount that brings no more than so many units at any rate below', () => {
    expect(sourceWithin({ delivered: 2n, sent: 3n }, 0n)).toBe(0n)
    fc.assert(
      fc.property(rate, u64, (some, units) => {
        const amount = sourceWithin(some, units)
        // Just below the rate, a whole number of units is rounded down to one less.
        expect(deliveredUp(some, amount) - 1n).toBeLessThanOrEqual(units)
        expect(deliveredUp(some, amount + 1n) - 1n).toBeGreaterThan(units)
      }),
    )
  })

  it('trims an amount to the least that brings as much', () => {
    expect(trimmed({ delivered: 7n, sent: 10n }, 9n)).toBe(9n)
    expect(trimmed({ delivered: 1n, sent: 10n }, 29n)).toBe(20n)
    expect(trimmed({ delivered: 1n, sent: 10n }, 9n)).toBe(0n)
    expect(trimmed({ delivered: 0n, sent: 10n }, 9n)).toBe(9n)
    fc.assert(
      fc.property(rate, u64, (some, amount) => {
        const less = trimmed(some, amount)
        expect(less).toBeLessThanOrEqual(amount)
        expect(deliveredDown(some, less)).toBe(deliveredDown(some, amount))
      }),
    )
  })

  it('falls by millionths, exactly', () => {
    expect(lessPpm({ delivered: 3n, sent: 2n }, 10_000)).toEqual({ delivered: 2_970_000n, sent: 2_000_000n })
    fc.assert(
      fc.property(rate, fc.integer({ min: 0, max: 999_999 }), (some, ppm) => {
        const { delivered, sent } = lessPpm(some, ppm)
        expect(delivered * some.sent * 1_000_000n).toBe(some.delivered * sent * BigInt(1_000_000 - ppm))
      }),
    )
  })

  it('is below another by cross multiplication, not by rounding', () => {
    const huge = 2n ** 64n - 1n
    expect(isBelow({ delivered: huge - 1n, sent: huge }, { delivered: 1n, sent: 1n })).toBe(true)
    expect(isBelow({ delivered: 1n, sent: 2n }, { delivered: 2n, sent: 4n })).toBe(false)
    expect(isBelow({ delivered: 2n, sent: 4n }, { delivered: 1n, sent: 2n })).toBe(false)
  })
})

describe('an estimate', () => {
  /** What a path of this rate brings. */
  const bring = (path: Rate, amount: bigint) => deliveredDown(path, amount)

  it('lies around the rate of the path, and gets no wider', () => {
    const amounts = fc.array(fc.bigInt(1n, 10n ** 12n), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(
        fc.record({ delivered: fc.bigInt(0n, 10n ** 9n), sent: fc.bigInt(1n, 10n ** 9n) }),
        amounts,
        (path, [first, ...rest]) => {
          const start = first as bigint
          const estimate = new RateEstimate(start, bring(path, start))
          for (const amount of rest) {
            const { low, high } = estimate
            // Of two packets of one size, the second could only say the same.
            estimate.observe(amount, bring(path, amount))
            expect(isBelow(estimate.low, low)).toBe(false)
            expect(isBelow(high, estimate.high)).toBe(false)
            expect(isBelow(path, estimate.low)).toBe(false)
            expect(isBelow(path, estimate.high)).toBe(true)
          }
        },
      ),
    )
  })

  it('bounds what further packets bring, as long as the rate stays', () => {
    const path = { delivered: 7n, sent: 10n }
    const estimate = new RateEstimate(1_000n, 700n)
    for (const amount of [1n, 2n, 999n, 1_000n, 1_001n, 123_456n]) {
      expect(estimate.least(amount)).toBeLessThanOrEqual(bring(path, amount))
      expect(estimate.most(amount)).toBeGreaterThanOrEqual(bring(path, amount))
    }
    expect([estimate.least(1_000n), estimate.most(1_000n)]).toEqual([700n, 700n])
    expect([estimate.least(0n), estimate.most(0n)]).toEqual([0n, 0n])
  })

  it('begins anew with a packet that shows another rate', () => {
    const estimate = new RateEstimate(1_000n, 700n)
    estimate.observe(2_000n, 1_000n)
    expect([estimate.low, estimate.high]).toEqual([
      { delivered: 1_000n, sent: 2_000n },
      { delivered: 1_001n, sent: 2_000n },
    ])
    estimate.observe(2_000n, 1_400n)
    expect(estimate.low).toEqual({ delivered: 1_400n, sent: 2_000n })
  })

  it('gives back the amount that has just brought so much, and else asks the rate', () => {
    const estimate = new RateEstimate(1_000n, 700n)
    expect(estimate.sourceFor(700n, { delivered: 1n, sent: 2n })).toBe(1_000n)
    expect(estimate.sourceFor(701n, { delivered: 1n, sent: 2n })).toBe(1_402n)
  })
})
