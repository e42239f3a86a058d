import { insufficientTimeout, type OutgoingRequest, type Pass } from '@ilp/service-core'

export interface ExpiryDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

export interface ExpiryOptions {
  /** How much earlier a packet expires at the next hop than here: the time for booking it and for the way back. */
  readonly minMessageWindowMs: number
  /** How long the next hop may take at most, and the money is held, whatever the sender would allow. */
  readonly maxHoldMs: number
}

export const EXPIRY_DEFAULTS: ExpiryOptions = { minMessageWindowMs: 1_000, maxHoldMs: 30_000 }

/**
 * Sends packets on with the expiry min(their own − `minMessageWindowMs`, now + `maxHoldMs`), and answers R02 to those
 * that would have expired by then.
 * @throws RangeError when an option is no whole number of milliseconds in its range
 */
export function expiry({ address }: ExpiryDeps, options: Partial<ExpiryOptions> = {}): Pass<OutgoingRequest> {
  const { minMessageWindowMs, maxHoldMs } = { ...EXPIRY_DEFAULTS, ...options }
  if (!(Number.isSafeInteger(minMessageWindowMs) && minMessageWindowMs >= 0)) {
    throw new RangeError(`minMessageWindowMs is ${minMessageWindowMs}, not a whole number from 0 up`)
  }
  if (!(Number.isSafeInteger(maxHoldMs) && maxHoldMs > 0)) {
    throw new RangeError(`maxHoldMs is ${maxHoldMs}, not a whole number above 0`)
  }
  return inner => ({
    ready: inner.ready,
    call: request => {
      const now = Date.now()
      const expiresAtMs = Math.min(request.prepare.expiresAtMs - minMessageWindowMs, now + maxHoldMs)
      if (expiresAtMs <= now) {
        return Promise.resolve(insufficientTimeout(address(), 'the packet expires too soon to be forwarded'))
      }
      return inner.call({ ...request, prepare: request.prepare.with({ expiresAtMs }) })
    },
  })
}
