import { type RateSource, sameCodeOnly, staticRates, storedRates } from '@ilp/exchange-rate'
import {
  coinCapRates,
  createRatePoller,
  cryptoCompareRates,
  ecbRates,
  httpRates,
  type RateProvider,
} from '@ilp/exchange-rate-providers'
import { type Lifecycle, type Logger, sequence } from '@ilp/service-core'
import type { RateStore } from '@ilp/store-traits'
import type { Config } from './config/schema.js'
import { createRateBook, type RateBook } from './rates/rate-book.js'

export interface ExchangeRatesDeps {
  readonly store: RateStore
  readonly logger: Logger
}

export interface ExchangeRates extends Lifecycle, Pick<RateBook, 'overrides' | 'override'> {
  readonly source: RateSource
  /** The provider's prices, where they are not in the configuration. */
  readonly provided: RateBook['provided']['get']
}

/**
 * The rates that the configuration asks for, and those that an operator has set in their place. Both, where they are not
 * from the configuration, are kept in the store, for all its processes.
 */
export function exchangeRates(config: Config['exchangeRates'], deps: ExchangeRatesDeps): ExchangeRates {
  const book = createRateBook(deps)
  const { overrides, override, provided } = book
  const { source, ...poller } = sourceOf(config, { store: provided, logger: deps.logger })
  return {
    ...sequence([book, poller]),
    source: book.over(source),
    overrides,
    override,
    provided: provided.get,
  }
}

interface Source extends Partial<Lifecycle> {
  readonly source: RateSource
}

function sourceOf(
  config: Config['exchangeRates'],
  deps: { readonly store: RateBook['provided']; readonly logger: Logger },
): Source {
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
