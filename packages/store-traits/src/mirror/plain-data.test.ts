import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePlainData, encodePlainData } from './plain-data.js'

const data = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom('n1', 's', 'u', 'f0', '', true, false, null, undefined, -0, Number.NaN, 1 / 0),
    fc.double(),
    fc.bigInt(),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { noNullPrototype: true }),
  ),
})).value

const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutUndefined(field)]))
}

describe('plain data', () => {
  it('is read as it was written, without properties that are undefined', () => {
    fc.assert(
      fc.property(data, value => {
        expect(decodePlainData(encodePlainData(value))).toStrictEqual(withoutUndefined(value))
      }),
    )
  })

  it('is written as it always was', () => {
    const value = { id: 'bob', min: -5n, scale: 9, to: [undefined, Number.NaN], on: true, none: undefined }
    const text = '{"id":"sbob","min":"n-5","scale":9,"to":["u","fNaN"],"on":true}'
    expect(encodePlainData(value)).toBe(text)
  })

  it.each([[() => {}], [new Date()], [Symbol('s')], [new Map()]])('is not %s', value => {
    expect(() => encodePlainData({ value })).toThrow(TypeError)
  })

  it('is frozen in all its depth', () => {
    const value = decodePlainData(encodePlainData({ list: [{ amount: 1n }] })) as { list: object[] }
    expect([value, value.list, value.list[0]].every(Object.isFrozen)).toBe(true)
  })
})
