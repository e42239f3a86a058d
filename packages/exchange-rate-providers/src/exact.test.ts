import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decimalOf, parseExactJson } from './exact.js'

describe('exact JSON', () => {
  test('has the digits of numbers as they were written', () => {
    expect(
      parseExactJson('{"a":0.1000000000000000055511151231257827,"b":[-12,1E+400,5e-324,true,null]}'),
    ).toEqual({
      a: '0.1000000000000000055511151231257827',
      b: ['-12', '1E+400', '5e-324', true, null],
    })
  })

  test('leaves strings alone, whatever is in them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (key, text) => {
        const value = { [`${key} 1`]: `12 "${text}\\" 3.4e5` }
        expect(parseExactJson(JSON.stringify(value))).toEqual(value)
      }),
    )
  })

  test('is what JSON.parse reads, but for the numbers', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        const read: unknown = JSON.parse(text, (_, value: unknown) =>
          typeof value === 'number' ? String(value) : value,
        )
        expect(parseExactJson(text)).toEqual(read)
      }),
    )
  })

  test.each(['', '{', '{"a":1', '[1 2]', '{"a":-}', "{'a':1}", '1.', '[,1]', '"a'])('%j is none', text => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError)
  })
})

describe('a price', () => {
  test.each([
    ['1', '1'],
    ['6929.8217756835584756', '6929.8217756835584756'],
    ['1.5e3', '1500'],
    ['1.2345e2', '123.45'],
    ['1.2e-7', '0.00000012'],
    ['12e-1', '1.2'],
    ['1E+2', '100'],
    ['0.00', undefined],
    ['0e5', undefined],
    ['-1', undefined],
    ['1e99', undefined],
    ['1e-99', undefined],
    ['1e1000', undefined],
    ['', undefined],
    ['1,5', undefined],
    ['.5', undefined],
    ['NaN', undefined],
    ['9'.repeat(64), '9'.repeat(64)],
    ['9'.repeat(65), undefined],
  ])('written %s is %s', (text, decimal) => {
    expect(decimalOf(text)).toBe(decimal)
  })

  test('has the same value without its exponent', () => {
    const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`))
    fc.assert(
      fc.property(digits(8), digits(8), fc.integer({ min: -20, max: 20 }), (whole, fraction, exponent) => {
        fc.pre(/[1-9]/.test(whole + fraction))
        const [left = '', right = ''] = (decimalOf(`${whole}.${fraction}e${exponent}`) as string).split('.')
        // Both in units of 10^-40.
        const value = BigInt(left + right) * 10n ** BigInt(40 - right.length)
        expect(value).toBe(BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length + exponent))
      }),
    )
  })
})
