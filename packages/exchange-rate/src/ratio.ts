/** An exact positive number. `ratio` and `parseRatio` make one; it never changes. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

/** Characters that a decimal can have: a bound on the arithmetic that follows from it. */
export const DECIMAL_LENGTH_MAX = 64

const DECIMAL = /^(\d+)(?:\.(\d+))?$/

/**
 * `numerator / denominator` in lowest terms.
 * @throws RangeError unless both are above zero
 */
export function ratio(numerator: bigint, denominator: bigint): Ratio {
  if (numerator <= 0n || denominator <= 0n) {
    throw new RangeError(`${numerator}/${denominator} is not a ratio of positive numbers`)
  }
  const divisor = greatestCommonDivisor(numerator, denominator)
  return Object.freeze({ numerator: numerator / divisor, denominator: denominator / divisor })
}

/** The ratio that changes nothing. */
export const ONE: Ratio = ratio(1n, 1n)

/**
 * The exact value of a decimal such as `1.08`: digits, and a point with digits behind it where needed. No sign, no
 * exponent, at most 64 characters.
 * @throws RangeError for anything else, and for zero
 */
export function parseRatio(text: string): Ratio {
  const { numerator, denominator } = parseDecimal(text)
  return ratio(numerator, denominator)
}

/**
 * The exact value of a price: a decimal, or a quotient of two, such as `1/1.08`, where that is how it was given. No
 * decimal could hold what a third of a dollar is.
 * @throws RangeError for anything else, and for zero
 */
export function parsePrice(text: string): Ratio {
  const slash = text.indexOf('/')
  if (slash < 0) return parseRatio(text)
  const over = parseRatio(text.slice(0, slash))
  const under = parseRatio(text.slice(slash + 1))
  return ratio(over.numerator * under.denominator, over.denominator * under.numerator)
}

/** What `parseRatio` does, but zero is allowed and nothing is reduced. */
export function parseDecimal(text: string): Ratio {
  const digits = typeof text === 'string' && text.length <= DECIMAL_LENGTH_MAX && DECIMAL.exec(text)
  if (!digits) throw new RangeError(`${JSON.stringify(text)} is not a decimal`)
  const [, whole = '', fraction = ''] = digits
  return { numerator: BigInt(whole + fraction), denominator: 10n ** BigInt(fraction.length) }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b]
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller]
  return larger
}
