import { UINT64_MAX } from '@ilp/oer'
import type { Asset } from '@ilp/service-core'
import type { RateSource } from './rate-source.js'
import { ONE, type Ratio, ratio } from './ratio.js'

const SCALE_MAX = 255

/** Pairs of asset codes that are remembered; past that, all are forgotten and worked out again. */
const PAIRS_MAX = 10_000

/** How amounts in the unit of one asset become amounts in the unit of another. */
export class Conversion {
  /** The largest amount whose result a packet can carry. */
  readonly amountMax: bigint
  readonly #numerator: bigint
  readonly #denominator: bigint
  readonly #isIdentity: boolean

  constructor({ numerator, denominator }: Ratio) {
    this.#numerator = numerator
    this.#denominator = denominator
    this.#isIdentity = numerator === denominator
    // amount * numerator / denominator < 2^64, solved for amount.
    this.amountMax = ((UINT64_MAX + 1n) * denominator - 1n) / numerator
  }

  /** Rounds down: what is lost stays with the node. */
  convert(amount: bigint): bigint {
    return this.#isIdentity ? amount : (amount * this.#numerator) / this.#denominator
  }
}

/** Two asset codes at the prices of a moment. */
interface Pair {
  readonly fromPrice: Ratio
  readonly toPrice: Ratio
  readonly afterSpread: Ratio
  /** By the difference of the scales, plus 255. */
  readonly conversions: (Conversion | undefined)[]
}

/** The conversions at a source's rates, each worked out once and kept until a price that it follows from changes. */
export class Conversions {
  readonly #rates: RateSource
  readonly #pairs = new Map<string, Map<string, Pair>>()
  #count = 0

  constructor(rates: RateSource) {
    this.#rates = rates
  }

  /** Undefined when there is no rate. Between assets of one code there always is, since the price cancels out. */
  between(from: Asset, to: Asset): Conversion | undefined {
    const isSameCode = from.code === to.code
    const fromPrice = isSameCode ? ONE : this.#rates.price(from.code)
    const toPrice = isSameCode ? ONE : this.#rates.price(to.code)
    if (!fromPrice || !toPrice) return undefined
    const pair = this.#pair(from.code, to.code, fromPrice, toPrice)
    const difference = to.scale - from.scale
    const known = pair.conversions[difference + SCALE_MAX]
    if (known) return known
    const conversion = new Conversion(rateOf(pair, difference))
    pair.conversions[difference + SCALE_MAX] = conversion
    return conversion
  }

  #pair(from: string, to: string, fromPrice: Ratio, toPrice: Ratio): Pair {
    const { afterSpread } = this.#rates
    const known = this.#pairs.get(from)?.get(to)
    if (
      known !== undefined &&
      known.fromPrice === fromPrice &&
      known.toPrice === toPrice &&
      known.afterSpread === afterSpread
    ) {
      return known
    }
    const pair = { fromPrice, toPrice, afterSpread, conversions: [] }
    this.#keep(from, to, pair, known === undefined)
    return pair
  }

  #keep(from: string, to: string, pair: Pair, isNew: boolean): void {
    if (isNew && this.#count === PAIRS_MAX) {
      this.#pairs.clear()
      this.#count = 0
    }
    if (isNew) this.#count += 1
    const row = this.#pairs.get(from)
    if (row) row.set(to, pair)
    else this.#pairs.set(from, new Map([[to, pair]]))
  }
}

function rateOf({ fromPrice, toPrice, afterSpread }: Pair, scaleDifference: number): Ratio {
  const factor = 10n ** BigInt(Math.abs(scaleDifference))
  const numerator = fromPrice.numerator * toPrice.denominator * afterSpread.numerator
  const denominator = fromPrice.denominator * toPrice.numerator * afterSpread.denominator
  return scaleDifference < 0 ? ratio(numerator, denominator * factor) : ratio(numerator * factor, denominator)
}
