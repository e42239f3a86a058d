import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Latencies } from './latencies.js'

const latency = fc.double({ min: 0.001, max: 100_000, noNaN: true })

describe('Latencies', () => {
  it('tells each quantile within 1 %', () => {
    fc.assert(
      fc.property(
        fc.array(latency, { minLength: 1, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (all, q) => {
          const latencies = new Latencies()
          for (const ms of all) latencies.add(ms)
          const sorted = all.toSorted((a, b) => a - b)
          const exact = sorted[Math.max(1, Math.ceil(q * all.length)) - 1]!
          expect(Math.abs(latencies.quantile(q) / exact - 1)).toBeLessThan(0.01)
        },
      ),
    )
  })

  it('counts what is out of range as the nearest that it knows', () => {
    const latencies = new Latencies()
    latencies.add(0)
    latencies.add(1e9)
    expect(latencies.quantile(0)).toBeCloseTo(0.001)
    expect(latencies.quantile(1) / 100_000).toBeCloseTo(1, 1)
  })

  it('has no quantile of nothing', () => {
    expect(new Latencies().quantile(0.5)).toBeNaN()
  })
})
