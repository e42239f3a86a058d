import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountParts, amountText, parseAmount, writtenAmount } from '../page/format/amount.js'

const units = fc.bigInt({ min: -(10n ** 78n), max: 10n ** 78n })
const scales = fc.integer({ min: 0, max: 255 })

describe('an amount', () => {
  it.each([
    ['0', 9, '0', '.000000000'],
    ['1', 9, '0.000000001', ''],
    ['-1250000000', 9, '1.25', '0000000'],
    ['1234567890123456789', 2, '12,345,678,901,234,567.89', ''],
    ['1200', 0, '1,200', ''],
    ['1000', 2, '10', '.00'],
  ])('of %s units in scale %i is shown to the unit', (value, scale, text, zeros) => {
    const sign = value.startsWith('-') ? '−' : ''
    expect(amountParts(value, { code: 'USD', scale })).toEqual({ sign, text, zeros, unit: 'USD' })
  })

  it('of an asset whose units are tiny is shown in these', () => {
    expect(amountText('12345', { code: 'X', scale: 255 })).toBe('12,345 × 10⁻²⁵⁵ X')
  })

  it('is read as it was written, whatever its size and scale', () => {
    fc.assert(
      fc.property(units, scales, (value, scale) => {
        expect(parseAmount(writtenAmount(value, { scale }), { scale })).toBe(value)
      }),
    )
    fc.assert(
      fc.property(units, fc.integer({ min: 0, max: 24 }), (value, scale) => {
        const { sign, text, zeros } = amountParts(value, { code: 'USD', scale })
        expect(parseAmount(`${sign}${text}${zeros}`, { scale })).toBe(value)
      }),
    )
  })

  it.each(['', '-', '.', 'x', '1.2.3', '1e3', '0x10', '1,2', '--1', 'Infinity', '1 000'])(
    'is not what “%s” says',
    text => expect(() => parseAmount(text, { scale: 9 })).toThrow(RangeError),
  )

  it('has no more decimals than its scale', () => {
    expect(() => parseAmount('0.001', { scale: 2 })).toThrow('Write 2 decimals at the most')
    expect(() => parseAmount('0.5', { scale: 0 })).toThrow('Write a whole number')
    expect(parseAmount('0.10', { scale: 1 })).toBe(1n)
  })
})
