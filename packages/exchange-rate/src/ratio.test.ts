import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DECIMAL_LENGTH_MAX, ONE, parseRatio, ratio } from './ratio.js'

describe('a ratio', () => {
  test('is in lowest terms', () => {
    expect(ratio(108n, 100n)).toEqual({ numerator: 27n, denominator: 25n })
    expect(ratio(10n ** 255n, 10n ** 255n)).toEqual(ONE)
  })

  test('never changes', () => {
    expect(Object.isFrozen(ratio(1n, 2n))).toBe(true)
  })

  test.each([
    [0n, 1n],
    [1n, 0n],
    [-1n, 2n],
    [1n, -2n],
    [-1n, -2n],
  ])('of %s and %s is refused', (numerator, denominator) => {
    expect(() => ratio(numerator, denominator)).toThrow(RangeError)
  })
})

describe('a decimal', () => {
  test('is read exactly', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`))
    fc.assert(
      fc.property(digits(30), digits(30), (whole, fraction) => {
        fc.pre(/[1-9]/.test(whole + fraction))
        const { numerator, denominator } = parseRatio(`${whole}.${fraction}`)
        // numerator / denominator = whole + fraction / 10^digits, multiplied out
        const unit = 10n ** BigInt(fraction.length)
        return numerator * unit === (BigInt(whole) * unit + BigInt(fraction)) * denominator
      }),
    )
  })

  test('has as many characters as the limit says, and no more', () => {
    expect(parseRatio('9'.repeat(DECIMAL_LENGTH_MAX)).numerator).toBe(10n ** 64n - 1n)
    expect(() => parseRatio('9'.repeat(DECIMAL_LENGTH_MAX + 1))).toThrow('is not a decimal')
  })

  test.each(['0', '0.0', '-1', '1e-7', '1.', '.1', '1.2.3', '1 ', '1\n', '١', 'NaN', 'Infinity', ''])(
    '%j is refused',
    text => {
      expect(() => parseRatio(text)).toThrow(RangeError)
    },
  )
})
