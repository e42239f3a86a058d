import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePlainData, encodePlainData } from './plain-data.js'

const plainData = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string(),
    fc.constantFrom('n:1', 's:', 's:n:1', 'n:', 'n:x', '1n'),
    fc.boolean(),
    fc.integer(),
    fc.bigInt(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('n:1', '__proto__')), tie('value'), {
      noNullPrototype: true,
    }),
  ),
})).value

describe('plain data', () => {
  it('is the same when it is read again', () => {
    fc.assert(
      fc.property(plainData, value => {
        expect(decodePlainData(encodePlainData(value))).toStrictEqual(value)
      }),
    )
  })

  it('loses fields that are undefined', () => {
    expect(decodePlainData(encodePlainData({ a: undefined, b: 1n }))).toStrictEqual({ b: 1n })
  })

  it('is frozen in all its depth', () => {
    const value = decodePlainData(encodePlainData({ list: [{ amount: 1n }] })) as {
      list: { amount: bigint }[]
    }
    expect([value, value.list, value.list[0]].every(Object.isFrozen)).toBe(true)
  })
})
