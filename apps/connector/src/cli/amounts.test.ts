import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decimal, money, unitsOf } from './amounts.js'

const asset = fc.record({
  code: fc.constantFrom('USD', 'XRP', '1INCH'),
  scale: fc.integer({ min: 0, max: 255 }),
})
const units = fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n })

describe('an amount', () => {
  it.each([
    ['0', 0, '0'],
    ['-7', 0, '-7'],
    ['0', 9, '0.000000000'],
    ['-120', 9, '-0.000000120'],
    ['1500000001', 9, '1.500000001'],
    ['12345', 2, '123.45'],
  ])('of %s units of scale %d is %s', (text, scale, expected) => {
    expect(decimal(text, { code: 'USD', scale })).toBe(expected)
  })

  it('that is shown can be typed again, to the last digit', () => {
    fc.assert(
      fc.property(units, asset, (value, one) => {
        expect(unitsOf(money(value, one), one)).toBe(value)
        expect(unitsOf(value.toString(), one)).toBe(value)
      }),
    )
  })

  it.each([
    ['1.5USD', 1_500_000_000n],
    ['1.50 USD', 1_500_000_000n],
    ['-0.000000001USD', -1n],
    ['+3', 3n],
    ['3', 3n],
    ['1.0000000000USD', 1_000_000_000n],
  ])('typed as %s is %d units', (text, expected) => {
    expect(unitsOf(text, { code: 'USD', scale: 9 })).toBe(expected)
  })

  it.each([
    '',
    '1.5',
    'USD',
    '1,5USD',
    '1e3',
    '0x10',
    '1EUR',
    '1.0000000001USD',
    '1USD ',
    '--1',
    '.5USD',
    '1.USD',
  ])('is not what %j says', text => {
    expect(() => unitsOf(text, { code: 'USD', scale: 9 })).toThrow(/^the amount is/)
  })
})
