/** What TLS needs beyond the system's defaults, in PEM. */
export interface CallbackTls {
  /** Certificate authorities that peers' certificates are checked against, instead of the well-known ones. */
  readonly ca?: string | undefined
  /** Our own certificate chain and private key, for peers that ask for one. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface CallbacksOptions {
  /** How long one attempt may take; no more than a third of the time to the packet's expiry. */
  readonly attemptTimeoutMs: number
  /**
   * The longest pause before the second attempt. It doubles with each further one up to `retryDelayMaxMs`; the pause
   * itself is a random part of it, half at the least.
   */
  readonly retryDelayMs: number
  readonly retryDelayMaxMs: number
  /** Connections to one origin. */
  readonly connectionsMax: number
  readonly connectTimeoutMs: number
  /** How long an unused connection stays. */
  readonly idleTimeoutMs: number
  /** How long a stop waits for answers that are not delivered yet. */
  readonly stopTimeoutMs: number
  readonly tls: CallbackTls
}

export const CALLBACKS_DEFAULTS: CallbacksOptions = Object.freeze({
  attemptTimeoutMs: 5_000,
  retryDelayMs: 250,
  retryDelayMaxMs: 5_000,
  connectionsMax: 100,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  stopTimeoutMs: 30_000,
  tls: Object.freeze({}),
})

/** @throws RangeError when a number among the options is not a whole one above zero */
export function checkOptions(options: CallbacksOptions): CallbacksOptions {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return options
}
