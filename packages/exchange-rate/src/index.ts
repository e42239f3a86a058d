/**
 * Exchange rates as a middleware: makes the amount for the next hop from the incoming one, exactly, over asset codes
 * and scales; and the trait that supplies its prices, with sources that need nothing from outside, and one that reads
 * what a store has.
 *
 * @module
 */
export { type ExchangeRateAccount, type ExchangeRateDeps, exchangeRate } from './exchange-rate.js'
export type { RateSource } from './rate-source.js'
export { STATIC_RATES_DEFAULTS, type StaticRatesOptions, sameCodeOnly, staticRates } from './rates.js'
export { ONE, parsePrice, parseRatio, type Ratio, ratio } from './ratio.js'
export {
  STORED_RATES_DEFAULTS,
  type StoredRatesDeps,
  type StoredRatesOptions,
  storedRates,
} from './stored-rates.js'
