import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.js'

const MINUTE = 60_000n

/** What a limit a minute comes to. */
const of = (tokens: bigint) => ({ perMinute: tokens, capacity: tokens })

describe('a token bucket', () => {
  it('holds a minute’s tokens, and gives all that are asked for or none', () => {
    const bucket = new TokenBucket(of(10n), 0)
    expect(bucket.take(11n, 0)).toBe(false)
    expect(bucket.take(10n, 0)).toBe(true)
    expect(bucket.take(1n, 0)).toBe(false)
  })

  it('has its next token in the very millisecond in which it is due', () => {
    const bucket = new TokenBucket(of(7n), 0)
    bucket.take(7n, 0)
    // The first is due after 60,000 / 7 = 8,571.4 ms, the second after 17,142.9 ms.
    expect(bucket.take(1n, 8_571)).toBe(false)
    expect(bucket.take(1n, 8_572)).toBe(true)
    expect(bucket.take(1n, 17_142)).toBe(false)
    expect(bucket.take(1n, 17_143)).toBe(true)
  })

  it('loses nothing by being looked at every millisecond', () => {
    const bucket = new TokenBucket(of(7n), 0)
    bucket.take(7n, 0)
    let early = 0
    for (let ms = 1; ms < 60_000; ms++) if (bucket.take(7n, ms)) early += 1
    expect(early).toBe(0)
    expect(bucket.take(7n, 60_000)).toBe(true)
  })

  it('fills no further than full', () => {
    const bucket = new TokenBucket(of(5n), 0)
    bucket.take(1n, 0)
    expect(bucket.isFull(11_999)).toBe(false)
    expect(bucket.isFull(12_000)).toBe(true)
    bucket.give(3n)
    expect(bucket.take(5n, 1_000_000)).toBe(true)
    expect(bucket.take(1n, 1_000_000)).toBe(false)
  })

  it('of nothing gives nothing', () => {
    const bucket = new TokenBucket(of(0n), 0)
    expect(bucket.take(1n, 1_000_000)).toBe(false)
    expect(bucket.take(0n, 1_000_000)).toBe(true)
    expect(bucket.isFull(1_000_000)).toBe(true)
  })

  it('under another limit keeps what it has, up to that', () => {
    const bucket = new TokenBucket(of(10n), 0)
    bucket.take(4n, 0)
    bucket.change(of(1_000n), 0)
    expect(bucket.take(7n, 0)).toBe(false)
    expect(bucket.take(6n, 0)).toBe(true)
    bucket.give(900n)
    bucket.change(of(8n), 0)
    expect(bucket.take(9n, 0)).toBe(false)
    expect(bucket.take(8n, 0)).toBe(true)
  })

  it('gives what there is of more than that', () => {
    const bucket = new TokenBucket({ perMinute: 60n, capacity: 10n }, 0)
    expect(bucket.takeUpTo(4n, 0)).toBe(4n)
    expect(bucket.takeUpTo(7n, 0)).toBe(6n)
    // Half of the third token stays.
    expect(bucket.takeUpTo(7n, 2_500)).toBe(2n)
    expect(bucket.takeUpTo(7n, 2_999)).toBe(0n)
    expect(bucket.takeUpTo(7n, 3_000)).toBe(1n)
  })

  it('gains nothing from a clock that goes back, and fills on from there', () => {
    const bucket = new TokenBucket(of(60n), 0)
    bucket.take(60n, 0)
    expect(bucket.take(1n, -100_000)).toBe(false)
    expect(bucket.take(1n, -99_001)).toBe(false)
    expect(bucket.take(1n, -99_000)).toBe(true)
  })

  it('agrees with one that counts in 60,000ths, for any terms and any history', () => {
    const size = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 2n ** 70n }))
    const terms = fc.record({ perMinute: size, capacity: size })
    const step = fc.record({
      afterMs: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200_000 })),
      kind: fc.constantFrom('take', 'take', 'takeUpTo', 'takeUpTo', 'give', 'change'),
      tokens: size,
      to: terms,
    })
    fc.assert(
      fc.property(terms, fc.array(step, { maxLength: 60 }), (first, steps) => {
        const min = (one: bigint, other: bigint) => (one < other ? one : other)
        let [{ perMinute, capacity }, ms] = [first, 0]
        let parts = capacity * MINUTE
        const bucket = new TokenBucket(first, 0)
        for (const { afterMs, kind, tokens, to } of steps) {
          ms += afterMs
          parts = min(capacity * MINUTE, parts + BigInt(afterMs) * perMinute)
          if (kind === 'take') {
            const isThere = tokens * MINUTE <= parts
            if (isThere) parts -= tokens * MINUTE
            expect(bucket.take(tokens, ms)).toBe(isThere)
          } else if (kind === 'takeUpTo') {
            const taken = min(tokens, parts / MINUTE)
            parts -= taken * MINUTE
            expect(bucket.takeUpTo(tokens, ms)).toBe(taken)
          } else if (kind === 'give') {
            expect(bucket.isFull(ms)).toBe(parts === capacity * MINUTE)
            bucket.give(tokens)
            parts = min(capacity * MINUTE, parts + tokens * MINUTE)
          } else {
            bucket.change(to, ms)
            perMinute = to.perMinute
            capacity = to.capacity
            parts = min(capacity * MINUTE, parts)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
