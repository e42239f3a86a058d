import { type RateSource, sameCodeOnly, staticRates, storedRates } from '@ilp/exchange-rate'
import {
  coinCapRates,
  createRatePoller,
  cryptoCompareRates,
  ecbRates,
  httpRates,
  type RateProvider,
} from '@ilp/exchange-rate-providers'
import type { Lifecycle, Logger } from '@ilp/service-core'
import type { RateStore } from '@ilp/store-traits'
import type { Config } from './config/schema.js'

export interface ExchangeRatesDeps {
  readonly store: RateStore
  readonly logger: Logger
}

export interface ExchangeRates extends Partial<Lifecycle> {
  readonly source: RateSource
}

/** The rates that the configuration asks for. Those from outside are kept in the store, for all its processes. */
export function exchangeRates(config: Config['exchangeRates'], deps: ExchangeRatesDeps): ExchangeRates {
  if (config === undefined) return { source: sameCodeOnly() }
  if (config.provider === 'static') return { source: staticRates(config) }
  const { pollIntervalMs, maxAgeMs, spread } = config
  const { start, stop } = createRatePoller({ ...deps, provider: providerOf(config) }, { pollIntervalMs })
  return { source: storedRates(deps, { maxAgeMs, spread }), start, stop }
}

type Polled = Exclude<NonNullable<Config['exchangeRates']>, { readonly provider: 'static' }>

function providerOf(config: Polled): RateProvider {
  switch (config.provider) {
    case 'http': {
      const { url, token, base, mapping } = config
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
      return httpRates({ url, headers, base, mapping })
    }
    case 'ecb':
      return ecbRates(config)
    case 'coincap':
      return coinCapRates(config)
    case 'cryptocompare':
      return cryptoCompareRates(config)
  }
}
