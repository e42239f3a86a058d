import type { RateStore, StoredRates } from '@ilp/store-traits'
import type { RateSource } from './rate-source.js'
import { afterSpreadOf } from './rates.js'
import { parsePrice, type Ratio } from './ratio.js'

export interface StoredRatesDeps {
  readonly store: Pick<RateStore, 'get'>
  /** Milliseconds since 1970; `Date.now` unless given. */
  readonly nowMs?: (() => number) | undefined
}

export interface StoredRatesOptions {
  /** How old prices may be. When they are older, there are none. */
  readonly maxAgeMs: number
  /** The part of every amount that the node keeps: a decimal, at least 0 and below 1. */
  readonly spread: string
}

export const STORED_RATES_DEFAULTS: StoredRatesOptions = { maxAgeMs: 600_000, spread: '0' }

/**
 * The prices that the store has, for as long as they are not too old. Somebody else keeps them up to date there. What
 * is no price is none: it keeps no other from being used.
 * @throws RangeError, with the name of the option, when one is not as it has to be
 */
export function storedRates(deps: StoredRatesDeps, options: Partial<StoredRatesOptions> = {}): RateSource {
  const { store, nowMs = Date.now } = deps
  const { maxAgeMs, spread } = { ...STORED_RATES_DEFAULTS, ...options }
  if (!(Number.isSafeInteger(maxAgeMs) && maxAgeMs > 0)) {
    throw new RangeError(`maxAgeMs is ${maxAgeMs}, not a whole number above 0`)
  }
  const prices = new Prices()
  return {
    price: code => {
      const stored = store.get()
      if (stored === undefined || nowMs() - stored.asOfMs > maxAgeMs) return undefined
      return prices.of(stored, code)
    },
    afterSpread: afterSpreadOf(spread),
  }
}

interface Read {
  readonly text: string
  readonly price: Ratio | undefined
}

/** Prices, each read when it is asked for first, and kept while its text stays the same. */
class Prices {
  #rates: StoredRates['rates'] = {}
  #current = new Map<string, Read>()
  #former = new Map<string, Read>()

  of({ rates }: StoredRates, code: string): Ratio | undefined {
    if (rates !== this.#rates) {
      this.#rates = rates
      this.#former = this.#current
      this.#current = new Map()
    }
    const known = this.#current.get(code)
    if (known !== undefined) return known.price
    const text = Object.hasOwn(rates, code) ? rates[code] : undefined
    if (text === undefined) return undefined
    const former = this.#former.get(code)
    const read = former?.text === text ? former : { text, price: priceOf(text) }
    this.#current.set(code, read)
    return read.price
  }
}

function priceOf(text: string): Ratio | undefined {
  try {
    return parsePrice(text)
  } catch {
    return undefined
  }
}
