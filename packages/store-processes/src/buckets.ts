import { deepEqual, equal, ok } from 'node:assert/strict'
import type { RateLimitStore, RateLimitTerms } from '@ilp/store-traits'
import fc from 'fast-check'
import type { ProcessesTest } from './harness.js'

/** A bucket as a backend keeps it. */
export interface KeptBucket {
  readonly atMs: bigint
  /** What it holds, and can hold, in 60,000ths of a token. */
  readonly level: bigint
  readonly capacity: bigint
  readonly perMinute: bigint
}

export interface BucketsHarness {
  readonly rateLimits: () => RateLimitStore
  /** Puts a bucket into the backend that isn't there yet. */
  readonly write: (name: string, bucket: KeptBucket) => Promise<unknown>
  /** Undefined for one that is not kept, which may be only where it is full. */
  readonly read: (name: string) => Promise<KeptBucket | undefined>
}

const PARTS = 60_000n
const min = (one: bigint, other: bigint): bigint => (one < other ? one : other)

const size = fc.oneof(
  fc.bigInt({ min: 1n, max: 50n }),
  fc.bigInt({ min: 1n, max: 2n ** 70n }),
  fc.bigInt({ min: 1n, max: 10n ** 50n }),
  fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, 10n ** 10n, 10n ** 10n - 1n, 10n ** 20n - 1n),
)

interface Case {
  readonly former: RateLimitTerms
  readonly capacity: bigint
  /** Of the former capacity, in millionths. */
  readonly filled: bigint
  readonly agoMs: number
  readonly tokens: bigint
  readonly does: 'take' | 'give'
}

const cases = fc.record<Case>({
  former: fc.record({ perMinute: fc.oneof(fc.constant(0n), size), capacity: size }),
  capacity: size,
  filled: fc.bigInt({ min: 0n, max: 999_999n }),
  agoMs: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 10_000_000 }), fc.integer({ min: 0, max: 1e12 })),
  tokens: size,
  does: fc.constantFrom('take', 'give'),
})

async function reckons(harness: BucketsHarness, name: string, one: Case): Promise<void> {
  const { former, filled, agoMs, tokens, does } = one
  const [before, formerCapacity] = [(former.capacity * PARTS * filled) / 1_000_000n, former.capacity * PARTS]
  const capacity = one.capacity * PARTS
  const atMs = BigInt(Date.now() - agoMs)
  await harness.write(name, { atMs, level: before, perMinute: former.perMinute, capacity: formerCapacity })
  // Nothing comes into it any more, so that it can be looked at.
  const terms = { perMinute: 0n, capacity: one.capacity }
  const taken = await harness.rateLimits()[does](name, terms, tokens)
  const after = await harness.read(name)
  const levelAt = (ms: bigint) =>
    [formerCapacity, capacity].reduce(min, before + (ms - atMs) * former.perMinute)
  if (!after) {
    equal(does, 'give')
    ok(levelAt(BigInt(Date.now())) + tokens * PARTS >= capacity)
    return
  }
  const level = levelAt(after.atMs)
  const change = does === 'take' ? -min(tokens, level / PARTS) : tokens
  if (does === 'take') equal(taken, -change)
  const left = min(level + change * PARTS, capacity)
  deepEqual(after, { atMs: after.atMs, perMinute: 0n, level: left, capacity })
}

/** The test of a store's arithmetic with token buckets, for those whose backend can be looked into. */
export const bucketArithmetic = (harness: BucketsHarness): ProcessesTest => ({
  name: 'a bucket is reckoned with to the 60,000th of a token, whatever it holds and however long it was left',
  run: async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(cases, one => reckons(harness, `any-${runs++}`, one)),
      { numRuns: 500 },
    )
  },
})
