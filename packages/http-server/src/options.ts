import type { RequestIdLimits } from './request-ids.js'

export interface HttpServerOptions extends RequestIdLimits {
  /** The largest body that is read. */
  readonly bodyBytesMax: number
  /** How long a packet waits for the chain to be ready, before it is rejected with T03. */
  readonly readyTimeoutMs: number
  /** How long a stop waits for packets in flight, and for answers that are not delivered yet. */
  readonly stopTimeoutMs: number
  /** How far ahead the expiry of a packet may be that is answered by callback. */
  readonly asyncExpiryMaxMs: number
}

export const HTTP_SERVER_DEFAULTS: HttpServerOptions = Object.freeze({
  bodyBytesMax: 65_536,
  readyTimeoutMs: 500,
  stopTimeoutMs: 30_000,
  callbacksMax: 1_000,
  callbacksTotalMax: 10_000,
  asyncExpiryMaxMs: 120_000,
  requestIdsMax: 100_000,
  requestIdsTotalMax: 500_000,
  requestIdMarginMs: 5_000,
})

/** @throws RangeError when an option is not a whole number above zero */
export function checkOptions(options: HttpServerOptions): HttpServerOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
  }
  return options
}
