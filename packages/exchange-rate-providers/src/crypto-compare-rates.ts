import { httpRates } from './http-rates.js'
import type { RateProvider } from './provider.js'

export interface CryptoCompareRatesOptions {
  /** The asset codes whose prices are asked for. */
  readonly codes: readonly string[]
  /** Where the API is, without a slash at its end. */
  readonly url?: string | undefined
  readonly apiKey?: string | undefined
}

export const CRYPTO_COMPARE_DEFAULTS = { url: 'https://min-api.cryptocompare.com' } as const

/** Prices in dollars from CryptoCompare. Codes that it doesn't know are left out. */
export function cryptoCompareRates({
  codes,
  url = CRYPTO_COMPARE_DEFAULTS.url,
  apiKey,
}: CryptoCompareRatesOptions): RateProvider {
  const list = codes.map(encodeURIComponent).join(',')
  return httpRates({
    url: `${url}/data/pricemulti?fsyms=${list}&tsyms=USD`,
    headers: apiKey === undefined ? {} : { authorization: `Apikey ${apiKey}` },
    base: 'USD',
    mapping: { prices: '', price: 'USD' },
  })
}
