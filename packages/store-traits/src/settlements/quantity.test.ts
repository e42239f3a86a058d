import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Quantity, quantityIn } from './quantity.js'

const NOTHING: Quantity = { amount: 0n, scale: 0 }

test('a quantity of a coarser scale has whole units', () => {
  expect(quantityIn(9, { amount: 7n, scale: 2 }, NOTHING)).toEqual({ amount: 70_000_000n, leftover: NOTHING })
})

test('a quantity of a finer scale leaves what is less than a unit', () => {
  expect(quantityIn(2, { amount: 1_239n, scale: 3 }, NOTHING)).toEqual({
    amount: 123n,
    leftover: { amount: 9n, scale: 3 },
  })
})

test('leftovers add up to units, and their trailing zeros go', () => {
  expect(quantityIn(0, { amount: 6n, scale: 1 }, { amount: 45n, scale: 2 })).toEqual({
    amount: 1n,
    leftover: { amount: 5n, scale: 2 },
  })
  expect(quantityIn(0, { amount: 5n, scale: 1 }, { amount: 500n, scale: 3 })).toEqual({
    amount: 1n,
    leftover: NOTHING,
  })
})

test('nothing is lost over any number of quantities of any scales', () => {
  const quantity = fc.record({ amount: fc.bigInt(0n, 10n ** 60n), scale: fc.integer({ min: 0, max: 255 }) })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), fc.array(quantity), (scale, quantities) => {
      let [credited, leftover] = [0n, NOTHING]
      for (const each of quantities) {
        const step = quantityIn(scale, each, leftover)
        credited += step.amount
        leftover = step.leftover
      }
      const at255 = ({ amount, scale: of }: Quantity) => amount * 10n ** BigInt(255 - of)
      const total = quantities.reduce((sum, each) => sum + at255(each), 0n)
      expect(at255({ amount: credited, scale }) + at255(leftover)).toBe(total)
      expect(at255(leftover)).toBeLessThan(at255({ amount: 1n, scale }))
    }),
  )
})
