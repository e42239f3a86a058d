import {
  type Account,
  type Asset,
  amountTooLarge,
  insufficientSourceAmount,
  internalError,
  type OutgoingRequest,
  type Pass,
} from '@ilp/service-core'
import { Conversions } from './conversion.js'
import type { RateSource } from './rate-source.js'
import { sameCodeOnly } from './rates.js'

export interface ExchangeRateAccount extends Account {
  readonly asset: Asset
}

export interface ExchangeRateDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** `sameCodeOnly()` unless given. */
  readonly rates?: RateSource | undefined
}

/**
 * Gives the packet the amount for the next hop: `incomingAmount`, which is in the unit of `from`, at the rate of the
 * moment in the unit of `to`, less the spread, rounded down. An amount of zero stays zero, whether there is a rate or
 * not. A request whose amount doesn't change is passed on as it is.
 *
 * Rejects (RFC 27) with T00 when there is no rate, R01 when nothing would be left of the amount, F08 when the result
 * would be above 2^64-1.
 */
export function exchangeRate(deps: ExchangeRateDeps): Pass<OutgoingRequest<ExchangeRateAccount>> {
  const { address, rates = sameCodeOnly() } = deps
  const conversions = new Conversions(rates)

  return inner => ({
    ready: inner.ready,
    call: request => {
      const { from, to, incomingAmount, prepare } = request
      let units = 0n
      if (incomingAmount !== 0n) {
        const conversion = conversions.between(from.asset, to.asset)
        if (!conversion) {
          const message = `no exchange rate from ${from.asset.code} to ${to.asset.code}`
          return Promise.resolve(internalError(address(), message))
        }
        if (incomingAmount > conversion.amountMax) {
          const message = 'the amount is too large after the exchange'
          return Promise.resolve(amountTooLarge(address(), message, incomingAmount, conversion.amountMax))
        }
        units = conversion.convert(incomingAmount)
        if (units === 0n) {
          const message = 'nothing is left of the amount after the exchange'
          return Promise.resolve(insufficientSourceAmount(address(), message))
        }
      }
      if (units === prepare.units) return inner.call(request)
      return inner.call({ ...request, prepare: prepare.with({ units }) })
    },
  })
}
