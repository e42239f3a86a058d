import type { OutgoingRequest, Reply, Service } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { type ExchangeRateAccount, exchangeRate } from './exchange-rate.js'
import { staticRates } from './rates.js'

/*
 * The model: prices as integers of 10^-24, and a result that is not computed but recognized, by what rounding down
 * means: result <= exact < result + 1, both multiplied out.
 */
const DIGITS = 24
const LIMIT = 2n ** 64n

const fixed = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(DIGITS, '0'))
}

interface Terms {
  readonly fromPrice: string
  readonly toPrice: string
  readonly spread: string
  readonly fromScale: number
  readonly toScale: number
}

/** The exact result of `amount`, as a fraction. */
function exact(terms: Terms, amount: bigint): { over: bigint; under: bigint } {
  const one = 10n ** BigInt(DIGITS)
  return {
    over: amount * fixed(terms.fromPrice) * (one - fixed(terms.spread)) * 10n ** BigInt(terms.toScale),
    under: fixed(terms.toPrice) * one * 10n ** BigInt(terms.fromScale),
  }
}

const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`))
const decimal = fc
  .oneof(
    digits(12),
    fc.tuple(digits(12), digits(DIGITS)).map(parts => parts.join('.')),
  )
  .filter(text => /[1-9]/.test(text))
const spread = fc.oneof(
  fc.constant('0'),
  digits(6).map(text => `0.${text}`),
)
const scale = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 255 }))
/** As often small as large, and often at an end of the range. */
const amount = fc.oneof(
  fc.bigInt({ min: 1n, max: 1_000n }),
  fc.integer({ min: 1, max: 64 }).chain(bits => fc.bigInt({ min: 1n, max: 2n ** BigInt(bits) - 1n })),
  fc.bigInt({ min: LIMIT - 1_000n, max: LIMIT - 1n }),
)
const terms: fc.Arbitrary<Terms> = fc.record({
  fromPrice: decimal,
  toPrice: decimal,
  spread,
  fromScale: scale,
  toScale: scale,
})

/** The amount that reaches the next hop, or the reject. */
function exchangeAt({ fromPrice, toPrice, spread, fromScale, toScale }: Terms) {
  let units: bigint | undefined
  const answer: Reply = testFulfill()
  const inner: Service<OutgoingRequest<ExchangeRateAccount>> = {
    ready: () => Promise.resolve(),
    call: request => {
      units = request.prepare.units
      return Promise.resolve(answer)
    },
  }
  const rates = staticRates({ rates: { FROM: fromPrice, TO: toPrice }, spread })
  const service = exchangeRate({ address: () => 'test.node', rates })(inner)
  const from = testAccount('alice', { asset: { code: 'FROM', scale: fromScale } })
  const to = testAccount('bob', { asset: { code: 'TO', scale: toScale } })
  return async (incomingAmount: bigint): Promise<bigint | { code: string; data: Buffer }> => {
    units = undefined
    const prepare = testPrepare({ units: incomingAmount })
    const reply = await service.call({ from, to, incomingAmount, prepare })
    if (units !== undefined) return units
    if ('code' in reply) return reply
    throw new Error('answered without a reject, and without the next hop')
  }
}

const runs = { numRuns: 2_000 }

describe('for any prices, spread, scales and amount', () => {
  test('the result is the exact one, rounded down; R01 below one unit, F08 from 2^64 on', async () => {
    await fc.assert(
      fc.asyncProperty(terms, amount, async (terms, amount) => {
        const { over, under } = exact(terms, amount)
        const result = await exchangeAt(terms)(amount)
        if (typeof result === 'bigint') {
          return result > 0n && result < LIMIT && result * under <= over && over < (result + 1n) * under
        }
        return result.code === 'R01' ? over < under : result.code === 'F08' && over >= LIMIT * under
      }),
      runs,
    )
  })

  test('the maximum of an F08 passes, one unit more does not', async () => {
    // Enlarging exchanges: the scale alone makes any but small amounts too large.
    const enlarging = fc.tuple(terms, fc.integer({ min: 1, max: 60 })).map(([terms, larger]) => ({
      ...terms,
      toScale: Math.min(255, terms.fromScale + larger),
    }))
    await fc.assert(
      fc.asyncProperty(enlarging, amount, async (terms, amount) => {
        const exchanged = exchangeAt(terms)
        const result = await exchanged(amount)
        fc.pre(typeof result !== 'bigint' && result.code === 'F08')
        const { data } = result as { data: Buffer }
        const maximum = data.readBigUInt64BE(8)
        const atMaximum = await exchanged(maximum)
        const above = await exchanged(maximum + 1n)
        return (
          data.length === 16 &&
          data.readBigUInt64BE(0) === amount &&
          maximum < amount &&
          // An exchange that enlarges by more than 2^64 takes nothing but zero.
          typeof atMaximum === 'bigint' &&
          typeof above !== 'bigint' &&
          above.code === 'F08'
        )
      }),
      runs,
    )
  })

  test('more comes out of more', async () => {
    await fc.assert(
      fc.asyncProperty(terms, amount, amount, async (terms, one, other) => {
        const rank = (result: bigint | { code: string }) =>
          typeof result === 'bigint' ? result : result.code === 'R01' ? 0n : LIMIT
        const exchanged = exchangeAt(terms)
        const [less, more] = one < other ? [one, other] : [other, one]
        return rank(await exchanged(less)) <= rank(await exchanged(more))
      }),
      runs,
    )
  })

  test('nobody gains by exchanging to and fro', async () => {
    await fc.assert(
      fc.asyncProperty(terms, amount, async (terms, amount) => {
        const there = await exchangeAt(terms)(amount)
        fc.pre(typeof there === 'bigint')
        const back = await exchangeAt({
          fromPrice: terms.toPrice,
          toPrice: terms.fromPrice,
          spread: terms.spread,
          fromScale: terms.toScale,
          toScale: terms.fromScale,
        })(there as bigint)
        return typeof back === 'bigint' ? back <= amount : back.code === 'R01'
      }),
      runs,
    )
  })
})
