import { describe, expect, test } from 'vitest'
import { sameCodeOnly, staticRates } from './rates.js'

describe('static rates', () => {
  test('have the prices that were configured, and no others', () => {
    const { price } = staticRates({ rates: { USD: '1', EUR: '1.08' } })
    expect(price('USD')).toEqual({ numerator: 1n, denominator: 1n })
    expect(price('EUR')).toEqual({ numerator: 27n, denominator: 25n })
    for (const code of ['usd', 'XRP', '', 'toString', '__proto__']) expect(price(code)).toBeUndefined()
  })

  test('give the same object for a price each time', () => {
    const { price } = staticRates({ rates: { EUR: '1.08' } })
    expect(price('EUR')).toBe(price('EUR'))
  })

  test('leave the whole amount unless a spread is given', () => {
    expect(staticRates({ rates: {} }).afterSpread).toEqual({ numerator: 1n, denominator: 1n })
    expect(staticRates({ rates: {}, spread: '0.002' }).afterSpread).toEqual({
      numerator: 499n,
      denominator: 500n,
    })
  })

  test.each(['0', '0.00', '-1', '+1', '1,08', '1e3', '.5', '5.', ' 1', '', 'one', '0x10', '1'.repeat(65)])(
    'refuse the price %j and name the option',
    price => {
      const expected = `rates.EUR must be a decimal above zero in quotes, like "1.08", not ${JSON.stringify(price)}`
      expect(() => staticRates({ rates: { USD: '1', EUR: price } })).toThrow(new RangeError(expected))
    },
  )

  test('refuse a price that is a number, which has lost its exact value already', () => {
    const rates = { EUR: 1.08 } as unknown as Record<string, string>
    expect(() => staticRates({ rates })).toThrow(
      'rates.EUR must be a decimal above zero in quotes, like "1.08", not 1.08',
    )
  })

  test.each(['1', '1.5', '-0.1', '0.2%', ''])('refuse the spread %j', spread => {
    const expected = `spread must be a decimal of at least 0 and below 1 in quotes, like "0.002", not ${JSON.stringify(spread)}`
    expect(() => staticRates({ rates: {}, spread })).toThrow(new RangeError(expected))
  })
})

test('without rates no code has a price, and no spread is taken', () => {
  const { price, afterSpread } = sameCodeOnly()
  expect(price('USD')).toBeUndefined()
  expect(afterSpread).toEqual({ numerator: 1n, denominator: 1n })
})
