/**
 * Exchange rates from outside: providers that ask for prices over HTTP, and the poller that keeps them in a store, from
 * where every process of a node reads them.
 *
 * @module
 */
export { COIN_CAP_DEFAULTS, type CoinCapRatesOptions, coinCapRates } from './coin-cap-rates.js'
export {
  CRYPTO_COMPARE_DEFAULTS,
  type CryptoCompareRatesOptions,
  cryptoCompareRates,
} from './crypto-compare-rates.js'
export { ECB_DEFAULTS, type EcbRatesOptions, ecbRates } from './ecb-rates.js'
export { type HttpRatesOptions, httpRates, type RateMapping } from './http-rates.js'
export { type RateProvider, RatesError, type RatesErrorCode } from './provider.js'
export {
  createRatePoller,
  RATE_POLLER_DEFAULTS,
  type RatePollerDeps,
  type RatePollerOptions,
} from './rate-poller.js'
