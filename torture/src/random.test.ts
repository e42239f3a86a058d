import { expect, test } from 'vitest'
import { Random } from './random.js'

const numbers = (seed: string) => {
  const random = new Random(seed)
  return Array.from({ length: 1_000 }, () => random.next())
}

test('a seed determines the numbers, and no two seeds the same ones', () => {
  expect(numbers('a')).toEqual(numbers('a'))
  expect(numbers('a')).not.toEqual(numbers('b'))
})

test('numbers are spread evenly over their range', () => {
  const mean = numbers('c').reduce((sum, one) => sum + one) / 1_000
  expect(mean).toBeGreaterThan(0.45)
  expect(mean).toBeLessThan(0.55)
  const random = new Random('d')
  const seen = new Set(Array.from({ length: 200 }, () => random.between(3, 6)))
  expect([...seen].sort()).toEqual([3, 4, 5, 6])
})

test('shuffled items are all there', () => {
  expect(new Random('e').shuffled([1, 2, 3, 4, 5]).sort()).toEqual([1, 2, 3, 4, 5])
})

test('numbers of so many bits use all of them, and no others', () => {
  const random = new Random('f')
  const all = Array.from({ length: 100 }, () => random.bits(60)).reduce((one, other) => one | other)
  expect(all).toBe(2n ** 60n - 1n)
})
