import { describe, expect, it } from 'vitest'
import { isMet, median, ratio } from './statistics.js'

describe('median', () => {
  it('is the middle value, whatever their order, and the mean of the two in the middle', () => {
    expect(median([30, 1, 2])).toBe(2)
    expect(median([4, 30, 1, 2])).toBe(3)
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('leaves its argument as it is', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('ratio', () => {
  it('is that of the medians, with the least and the greatest of single rounds', () => {
    expect(ratio([10, 40, 30], [10, 20, 10])).toEqual({ median: 3, min: 1, max: 3 })
  })
})

describe('isMet', () => {
  it('includes the bar', () => {
    expect([9.99, 10, 11].map(value => isMet({ atLeast: 10, aim: 15 }, value))).toEqual([false, true, true])
    expect([0.59, 0.6, 0.61].map(value => isMet({ atMost: 0.6 }, value))).toEqual([true, true, false])
  })
})
