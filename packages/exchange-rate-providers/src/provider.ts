import type { StoredRates } from '@ilp/store-traits'

/** Somebody who knows prices. */
export interface RateProvider {
  /**
   * Asks for them once.
   * @param nowMs milliseconds since 1970: the prices are not in force after this
   * @throws RatesError when there are none to be had
   */
  readonly fetch: (nowMs: number, signal: AbortSignal) => Promise<StoredRates>
}

export type RatesErrorCode =
  /** The provider can't be reached, didn't answer in time, or answered with another status than 200. */
  | 'ERR_RATES_UNAVAILABLE'
  /** What the provider said is not what it should be. */
  | 'ERR_RATES_UNREADABLE'

/** A provider that told no prices. */
export class RatesError extends Error {
  override readonly name = 'RatesError'
  readonly code: RatesErrorCode

  constructor(code: RatesErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
