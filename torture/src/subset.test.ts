import { expect, test } from 'vitest'
import { Random } from './random.js'
import { SUBSET_MAX, subsetOf } from './subset.js'

const random = new Random('subset')
const amounts = Array.from({ length: 30 }, () => random.bits(60))
const sumOf = (places: readonly number[]) => places.reduce((sum, place) => sum + (amounts[place] ?? 0n), 0n)

test.each([[[]], [[0]], [[29]], [[14, 15]], [[0, 7, 13, 16, 28]], [amounts.map((_, i) => i)]])(
  'finds the amounts %j by their sum',
  places => {
    expect(subsetOf(amounts, sumOf(places))).toEqual(places)
  },
)

test('finds none for any other sum', () => {
  expect(subsetOf(amounts, sumOf([1, 2]) + 1n)).toBeUndefined()
  expect(subsetOf(amounts, -1n)).toBeUndefined()
  expect(subsetOf([], 5n)).toBeUndefined()
})

test('refuses more amounts than it can look through', () => {
  expect(() => subsetOf(Array<bigint>(SUBSET_MAX + 1).fill(1n), 1n)).toThrow(RangeError)
})
