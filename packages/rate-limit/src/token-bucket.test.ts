import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.js'

const MINUTE = 60_000n

describe('a token bucket', () => {
  it('holds a minute’s tokens, and gives all that are asked for or none', () => {
    const bucket = new TokenBucket(10n, 0)
    expect(bucket.take(11n, 0)).toBe(false)
    expect(bucket.take(10n, 0)).toBe(true)
    expect(bucket.take(1n, 0)).toBe(false)
  })

  it('has its next token in the very millisecond in which it is due', () => {
    const bucket = new TokenBucket(7n, 0)
    bucket.take(7n, 0)
    // The first is due after 60,000 / 7 = 8,571.4 ms, the second after 17,142.9 ms.
    expect(bucket.take(1n, 8_571)).toBe(false)
    expect(bucket.take(1n, 8_572)).toBe(true)
    expect(bucket.take(1n, 17_142)).toBe(false)
    expect(bucket.take(1n, 17_143)).toBe(true)
  })

  it('loses nothing by being looked at every millisecond', () => {
    const bucket = new TokenBucket(7n, 0)
    bucket.take(7n, 0)
    let early = 0
    for (let ms = 1; ms < 60_000; ms++) if (bucket.take(7n, ms)) early += 1
    expect(early).toBe(0)
    expect(bucket.take(7n, 60_000)).toBe(true)
  })

  it('fills no further than full', () => {
    const bucket = new TokenBucket(5n, 0)
    bucket.take(1n, 0)
    expect(bucket.isFull(11_999)).toBe(false)
    expect(bucket.isFull(12_000)).toBe(true)
    bucket.give(3n)
    expect(bucket.take(5n, 1_000_000)).toBe(true)
    expect(bucket.take(1n, 1_000_000)).toBe(false)
  })

  it('of nothing gives nothing', () => {
    const bucket = new TokenBucket(0n, 0)
    expect(bucket.take(1n, 1_000_000)).toBe(false)
    expect(bucket.take(0n, 1_000_000)).toBe(true)
    expect(bucket.isFull(1_000_000)).toBe(true)
  })

  it('under another limit keeps what it has, up to that', () => {
    const bucket = new TokenBucket(10n, 0)
    bucket.take(4n, 0)
    bucket.limit(1_000n, 0)
    expect(bucket.take(7n, 0)).toBe(false)
    expect(bucket.take(6n, 0)).toBe(true)
    bucket.give(900n)
    bucket.limit(8n, 0)
    expect(bucket.take(9n, 0)).toBe(false)
    expect(bucket.take(8n, 0)).toBe(true)
  })

  it('agrees with one that counts in 60,000ths, for any limit and any history', () => {
    const step = fc.record({
      afterMs: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100_000 })),
      kind: fc.constantFrom('take', 'take', 'take', 'give', 'limit'),
      tokens: fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 2n ** 70n })),
    })
    const limits = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 2n ** 70n }))
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 60 }), (limit, steps) => {
        let [perMinute, parts, ms] = [limit, limit * MINUTE, 0]
        const min = (one: bigint, other: bigint) => (one < other ? one : other)
        const bucket = new TokenBucket(limit, 0)
        for (const { afterMs, kind, tokens } of steps) {
          ms += afterMs
          parts = min(perMinute * MINUTE, parts + BigInt(afterMs) * perMinute)
          if (kind === 'take') {
            const isThere = tokens * MINUTE <= parts
            if (isThere) parts -= tokens * MINUTE
            expect(bucket.take(tokens, ms)).toBe(isThere)
          } else if (kind === 'give') {
            // The time before it has to be counted under the level before it.
            expect(bucket.isFull(ms)).toBe(parts === perMinute * MINUTE)
            bucket.give(tokens)
            parts = min(perMinute * MINUTE, parts + tokens * MINUTE)
          } else {
            bucket.limit(tokens, ms)
            perMinute = tokens
            parts = min(perMinute * MINUTE, parts)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
