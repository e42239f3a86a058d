import { describe, expect, it } from 'vitest'
import type { Traffic } from '../page/api/types.js'
import { between, quantileMs, ratesOf, SPAN_MS, withReading } from '../page/format/rates.js'

/** Sums of packets: fulfilled ones by the bounds that they were within. */
const traffic = (within: readonly number[], rejects: Record<string, number> = {}): Traffic => ({
  fulfilled: within.at(-1) ?? 0,
  rejected: Object.values(rejects).reduce((sum, count) => sum + count, 0),
  rejects,
  inFlight: 0,
  fulfilledWithin: [1, 10, 100, null].map((ms, index) => ({ ms, count: within[index] ?? 0 })),
})

describe('rates', () => {
  it('are what came between two readings, a second', () => {
    const readings = [
      { atMs: 0, traffic: traffic([10, 10, 10, 10], { F02: 4 }) },
      { atMs: 2_000, traffic: traffic([10, 30, 30, 30], { F02: 4, T04: 6 }) },
    ]
    expect(ratesOf(readings)).toEqual([
      { atMs: 2_000, fulfilled: 10, rejected: 3, medianMs: 5.5, p95Ms: 9.55 },
    ])
    expect(between(readings)).toEqual({ fulfilled: 20, rejected: 6, rejects: { T04: 6 } })
    expect(between([])).toEqual({ fulfilled: 0, rejected: 0, rejects: {} })
  })

  it('have no times where nothing was fulfilled, and the last bound for what is beyond it', () => {
    const none = traffic([0, 0, 0, 0])
    expect(quantileMs(none, none, 0.5)).toBeUndefined()
    expect(quantileMs(none, traffic([0, 0, 0, 5]), 0.5)).toBe(100)
    expect(quantileMs(none, traffic([4, 4, 4, 4]), 1)).toBe(1)
  })

  it('begin anew with the process, and go back two minutes, however often they were read', () => {
    const at = (atMs: number, count: number) => ({ atMs, traffic: traffic([count, count, count, count]) })
    const two = withReading([at(0, 5)], at(1_000, 6))
    expect(withReading(two, at(2_000, 1))).toEqual([at(2_000, 1)])
    // The page was out of sight for a while.
    expect(withReading(two, at(SPAN_MS + 500, 7))).toEqual([at(1_000, 6), at(SPAN_MS + 500, 7)])
    expect(withReading(two, at(2 * SPAN_MS, 8))).toEqual([at(2 * SPAN_MS, 8)])
    // The clock was set back.
    expect(withReading(two, at(500, 7))).toEqual([at(0, 5), at(500, 7)])
  })
})
