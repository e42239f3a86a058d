import type { RateSource } from './rate-source.js'
import { ONE, parseDecimal, parseRatio, type Ratio, ratio } from './ratio.js'

export interface StaticRatesOptions {
  /** By asset code: what one whole unit is worth, in any currency that they all share. Decimals above zero. */
  readonly rates: Readonly<Record<string, string>>
  /** The part of every amount that the node keeps: a decimal, at least 0 and below 1. */
  readonly spread?: string
}

export const STATIC_RATES_DEFAULTS = { spread: '0' } as const

/**
 * Prices that stay as they were configured.
 * @throws RangeError, with the name of the option, when one is not as it has to be
 */
export function staticRates(options: StaticRatesOptions): RateSource {
  const { rates, spread } = { ...STATIC_RATES_DEFAULTS, ...options }
  const prices = new Map(Object.entries(rates).map(([code, price]) => [code, configuredPrice(code, price)]))
  return { price: code => prices.get(code), afterSpread: afterSpreadOf(spread) }
}

/** No prices and no spread: only accounts of one asset code exchange, by their scales. */
export const sameCodeOnly = (): RateSource => ({ price: () => undefined, afterSpread: ONE })

function configuredPrice(code: string, price: string): Ratio {
  try {
    return parseRatio(price)
  } catch (cause) {
    const found = JSON.stringify(price)
    throw new RangeError(`rates.${code} must be a decimal above zero in quotes, like "1.08", not ${found}`, {
      cause,
    })
  }
}

/** @throws RangeError unless it is a decimal of at least 0 and below 1 */
export function afterSpreadOf(spread: string): Ratio {
  try {
    const { numerator, denominator } = parseDecimal(spread)
    return ratio(denominator - numerator, denominator)
  } catch (cause) {
    const found = JSON.stringify(spread)
    throw new RangeError(
      `spread must be a decimal of at least 0 and below 1 in quotes, like "0.002", not ${found}`,
      { cause },
    )
  }
}
