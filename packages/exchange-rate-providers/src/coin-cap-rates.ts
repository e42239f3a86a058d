import { httpRates } from './http-rates.js'
import type { RateProvider } from './provider.js'

export interface CoinCapRatesOptions {
  /** Where the API is, without a slash at its end. */
  readonly url?: string | undefined
  readonly apiKey?: string | undefined
}

export const COIN_CAP_DEFAULTS = { url: 'https://rest.coincap.io/v3' } as const

/** How many of the largest assets are asked for. */
const ASSETS = 2_000

/**
 * Prices in dollars from CoinCap: of currencies and large coins, and behind them of other assets. Anybody may name an
 * asset, even after a currency: then the currency counts, and among assets the largest.
 */
export function coinCapRates({
  url = COIN_CAP_DEFAULTS.url,
  apiKey,
}: CoinCapRatesOptions = {}): RateProvider {
  const of = (path: string, price: string) =>
    httpRates({
      url: `${url}${path}`,
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      base: 'USD',
      mapping: { prices: 'data', code: 'symbol', price, asOfMs: 'timestamp' },
    })
  const currencies = of('/rates', 'rateUsd')
  const assets = of(`/assets?limit=${ASSETS}`, 'priceUsd')
  return {
    fetch: async (nowMs, signal) => {
      const [known, more] = await Promise.all([currencies.fetch(nowMs, signal), assets.fetch(nowMs, signal)])
      return { rates: { ...more.rates, ...known.rates }, asOfMs: Math.min(known.asOfMs, more.asOfMs) }
    },
  }
}
