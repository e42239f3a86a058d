import { describe, expect, it } from 'vitest'
import { isAimReached, isMet, median, ratio } from './statistics.js'

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
  const of = (ours: number, peer = 1) => ({ ours: [ours], peer: [peer] })

  it('includes the bar', () => {
    expect([9.99, 10, 11].map(value => isMet({ atLeast: 10, aim: 15 }, of(value)))).toEqual([
      false,
      true,
      true,
    ])
    expect([0.59, 0.6, 0.61].map(value => isMet({ atMost: 0.6 }, of(value)))).toEqual([true, true, false])
    expect([1.25, 1.5, 1.75].map(value => isMet({ atMostAbove: 0.5 }, of(value)))).toEqual([
      true,
      true,
      false,
    ])
  })

  it('asks nothing where something is only hoped for', () => {
    expect(isMet({ aimOurs: 30_000 }, of(1))).toBe(true)
    expect([29_999, 30_000].map(value => isAimReached({ aimOurs: 30_000 }, of(value)))).toEqual([false, true])
    expect([14, 15].map(value => isAimReached({ atLeast: 10, aim: 15 }, of(value)))).toEqual([false, true])
    expect(isAimReached({ atMost: 1 }, of(2))).toBe(true)
  })
})
