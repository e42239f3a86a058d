import { deepEqual, equal, ok } from 'node:assert/strict'
import type { RateLimitStore, RateLimitTerms } from '@ilp/store-traits'
import fc from 'fast-check'
import { several } from './given.js'
import type { Cases } from './scene.js'

/** A bucket that nothing comes into: whatever time passes, it makes no difference. */
const still = (capacity: bigint): RateLimitTerms => ({ perMinute: 0n, capacity })

const PARTS = 60_000n

/** More than any bucket of a test holds. */
const ALL = 10n ** 60n

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other)

const SIZES = [2n ** 53n + 1n, 10n ** 17n + 1n, 2n ** 64n - 1n, 2n ** 64n + 1n, 10n ** 30n + 1n, 10n ** 55n]

const alone: Cases = {
  trait: 'rateLimits',
  cases: {
    'are full when they are first named, and give what there is': async ({ open }) => {
      const { rateLimits } = await open()
      const take = (wanted: bigint) => rateLimits.take('one', still(10n), wanted)
      deepEqual([await take(4n), await take(7n), await take(1n)], [4n, 6n, 0n])
      equal(await rateLimits.take('other', still(10n), 11n), 10n)
      equal(await rateLimits.take('none', still(0n), 1n), 0n)
    },
    'are known by their whole names': async ({ open }) => {
      const { rateLimits } = await open()
      const names = [
        'a',
        'A',
        'a ',
        'a/b',
        'a:b',
        '{a}',
        'a}b',
        '*',
        "'",
        '\\',
        'constructor',
        '__proto__',
        'é',
        '€😀',
      ]
      const long = [`${'x'.repeat(254)}1`, `${'x'.repeat(254)}2`, '😀'.repeat(255)]
      const all = [...names, ...long]
      for (const [i, name] of all.entries()) await rateLimits.take(name, still(100n), BigInt(i + 1))
      for (const [i, name] of all.entries()) {
        equal(await rateLimits.take(name, still(100n), ALL), 99n - BigInt(i), name)
      }
    },
    'take back what was not used, as far as there is room': async ({ open }) => {
      const { rateLimits } = await open()
      const terms = still(10n)
      await rateLimits.take('one', terms, 8n)
      await rateLimits.give('one', terms, 3n)
      equal(await rateLimits.take('one', terms, 6n), 5n)
      await rateLimits.give('one', terms, 11n)
      equal(await rateLimits.take('one', terms, ALL), 10n)
      await rateLimits.give('new', terms, 5n)
      equal(await rateLimits.take('new', terms, ALL), 10n)
    },
    'are cut to a new capacity, and not filled by a larger one': async ({ open }) => {
      const { rateLimits } = await open()
      await rateLimits.take('one', still(10n), 1n)
      equal(await rateLimits.take('one', still(1_000n), 2n), 2n)
      equal(await rateLimits.take('one', still(5n), 1n), 1n)
      equal(await rateLimits.take('one', still(1_000n), ALL), 4n)
      await rateLimits.give('one', still(1_000n), 90n)
      equal(await rateLimits.take('one', still(7n), 1n), 1n)
      // Not full, so that it is not forgotten.
      equal(await rateLimits.take('one', still(1_000n), ALL), 6n)
    },
    'count in whole tokens of any size': async ({ open }) => {
      const { rateLimits } = await open()
      for (const size of SIZES) {
        const take = (wanted: bigint) => rateLimits.take(`${size}`, still(size), wanted)
        equal(await take(1n), 1n)
        equal(await take(size), size - 1n)
        await rateLimits.give(`${size}`, still(size), size - 1n)
        equal(await take(size - 2n), size - 2n)
        equal(await take(ALL), 1n)
      }
    },
    'fill by their rate, no faster and no slower': async ({ open, pass }) => {
      const { rateLimits } = await open()
      // A thousand each millisecond.
      const terms = { perMinute: 60_000_000n, capacity: 10n ** 15n }
      const [, emptied] = await timed(() => rateLimits.take('one', terms, ALL))
      await pass(200)
      const [tokens, asked] = await timed(() => rateLimits.take('one', terms, ALL))
      const mostMs = Math.max(200, Math.ceil(asked.untilMs - emptied.fromMs))
      ok(tokens >= 1_000n * 198n, `${tokens}`)
      ok(tokens <= 1_000n * BigInt(mostMs + 2), `${tokens} in ${mostMs} ms`)
    },
    'never give more than there is, whoever asks at once': async ({ openPair }) => {
      const pair = await openPair()
      const terms = still(100n)
      const takers = several(64, i => pair[i % 2]?.rateLimits.take('one', terms, BigInt(1 + (i % 5))))
      const taken = await Promise.all(takers)
      equal(sum(taken), 100n)
      equal(await pair[0].rateLimits.take('one', terms, 1n), 0n)
    },
    'lose nothing that is given back, whoever gives at once': async ({ openPair }) => {
      const pair = await openPair()
      const size = 2n ** 70n
      const use = async ({ rateLimits }: { readonly rateLimits: RateLimitStore }, tokens: bigint) => {
        const taken = await rateLimits.take('one', still(size), tokens)
        await rateLimits.give('one', still(size), taken)
      }
      await pair[0].rateLimits.take('one', still(size), 1n)
      await Promise.all(several(64, i => use(pair[i % 2 ? 1 : 0], 2n ** 53n + BigInt(i))))
      equal(await pair[1].rateLimits.take('one', still(size), ALL), size - 1n)
    },
  },
}

const sum = (numbers: readonly (bigint | undefined)[]): bigint =>
  numbers.reduce<bigint>((total, number) => total + (number ?? 0n), 0n)

async function timed<T>(run: () => Promise<T>): Promise<[T, { fromMs: number; untilMs: number }]> {
  const fromMs = performance.now()
  const result = await run()
  return [result, { fromMs, untilMs: performance.now() }]
}

const byTheClock: Cases = {
  trait: 'rateLimits',
  needs: ['pass'],
  cases: {
    'have each token in the very millisecond in which it is due': async ({ open, pass }) => {
      const { rateLimits } = await open()
      const take = (wanted: bigint) => rateLimits.take('one', { perMinute: 7n, capacity: 7n }, wanted)
      equal(await take(7n), 7n)
      // The first is due after 60,000 / 7 = 8,571.4 ms, the second after 17,142.9 ms.
      await pass(8_571)
      equal(await take(1n), 0n)
      await pass(1)
      equal(await take(2n), 1n)
      await pass(8_570)
      equal(await take(1n), 0n)
      await pass(1)
      equal(await take(2n), 1n)
    },
    'lose nothing by being asked often': async ({ open, pass }) => {
      const { rateLimits } = await open()
      const take = (wanted: bigint) => rateLimits.take('one', { perMinute: 7n, capacity: 7n }, wanted)
      await take(7n)
      let taken = 0n
      for (let ms = 0; ms < 60_000; ms += 240) {
        await pass(240)
        taken += await take(1n)
      }
      equal(taken, 7n)
      await rateLimits.give('one', { perMinute: 7n, capacity: 7n }, 1n)
      await pass(8_571)
      equal(await take(ALL), 1n)
      await pass(1)
      equal(await take(ALL), 1n)
    },
    'fill no further than full': async ({ open, pass }) => {
      const { rateLimits } = await open()
      const terms = { perMinute: 60n, capacity: 100n }
      await rateLimits.take('one', terms, 100n)
      await pass(99_000)
      equal(await rateLimits.take('one', terms, 1n), 1n)
      await pass(365 * 86_400_000)
      equal(await rateLimits.take('one', terms, ALL), 100n)
    },
    'fill by the terms that they had meanwhile': async ({ open, pass }) => {
      const { rateLimits } = await open()
      const [slow, fast] = [
        { perMinute: 60n, capacity: 1_000n },
        { perMinute: 60_000n, capacity: 1_000n },
      ]
      await rateLimits.take('one', slow, ALL)
      await pass(2_000)
      equal(await rateLimits.take('one', fast, ALL), 2n)
      await pass(500)
      equal(await rateLimits.take('one', slow, ALL), 500n)
      // Half a token comes in by one, half by the other.
      await pass(500)
      await rateLimits.take('one', { perMinute: 600n, capacity: 1_000n }, 1n)
      await pass(50)
      equal(await rateLimits.take('one', slow, ALL), 1n)
    },
    'agree with a model that counts in 60,000ths of a token, for any history': async ({
      open,
      pass,
      histories,
    }) => {
      const store = await open()
      let runs = 0
      const run = (first: RateLimitTerms, steps: readonly Step[]) =>
        followed(store, pass, `bucket ${runs++}`, first, steps)
      await fc.assert(fc.asyncProperty(bucketTerms, history, run), { numRuns: histories })
    },
  },
}

const size = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.bigInt({ min: 0n, max: 2n ** 80n }))
const bucketTerms = fc.record({ perMinute: size, capacity: size })

interface Step {
  readonly afterMs: number
  readonly kind: 'take' | 'give' | 'terms'
  readonly tokens: bigint
  readonly terms: RateLimitTerms
}

const history = fc.array(
  fc.record<Step>({
    afterMs: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 200_000 })),
    kind: fc.constantFrom('take', 'take', 'take', 'give', 'terms'),
    tokens: fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 2n ** 80n })),
    terms: bucketTerms,
  }),
  { maxLength: 40 },
)

/** A bucket and a model that live through the same. */
async function followed(
  { rateLimits }: { readonly rateLimits: RateLimitStore },
  pass: (ms: number) => Promise<void>,
  bucket: string,
  first: RateLimitTerms,
  steps: readonly Step[],
): Promise<void> {
  let terms = first
  let parts = terms.capacity * PARTS
  for (const { afterMs, kind, tokens, terms: others } of steps) {
    await pass(afterMs)
    parts = least(terms.capacity * PARTS, parts + BigInt(afterMs) * terms.perMinute)
    // A full one may have been forgotten, and be full under others as well.
    if (kind === 'terms' && parts < terms.capacity * PARTS) terms = others
    parts = least(terms.capacity * PARTS, parts)
    if (kind === 'give') {
      parts = least(terms.capacity * PARTS, parts + tokens * PARTS)
      await rateLimits.give(bucket, terms, tokens)
    } else {
      const taken = least(tokens, parts / PARTS)
      parts -= taken * PARTS
      equal(await rateLimits.take(bucket, terms, tokens), taken)
    }
  }
}

const shared: Cases = {
  trait: 'rateLimits',
  needs: ['concurrent'],
  cases: {
    'are the same in another store': async ({ openPair }) => {
      const [one, other] = await openPair()
      const terms = still(10n)
      equal(await one.rateLimits.take('one', terms, 4n), 4n)
      equal(await other.rateLimits.take('one', terms, 7n), 6n)
      await other.rateLimits.give('one', terms, 2n)
      equal(await one.rateLimits.take('one', terms, ALL), 2n)
    },
  },
}

export const rateLimitCases: readonly Cases[] = [alone, byTheClock, shared]
