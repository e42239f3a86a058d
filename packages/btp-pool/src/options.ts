/** All of them limits, whole numbers above zero. */
export interface BtpPoolOptions {
  /** Requests of one session that may wait for their answers. Past it the session is saturated. */
  readonly pendingMax: number
  /**
   * Octets that one session may have unsent. With more than half of it, a session takes no requests; past it the
   * session is closed, since its peer reads too slowly.
   */
  readonly unsentBytesMax: number
  /** For how long behind a packet's expiry its answer is still taken. */
  readonly lateAnswerMs: number
  /** For how long a stop waits for packets under way. */
  readonly drainTimeoutMs: number
}

export const BTP_POOL_DEFAULTS: BtpPoolOptions = {
  pendingMax: 10_000,
  unsentBytesMax: 16_777_216,
  lateAnswerMs: 5_000,
  drainTimeoutMs: 25_000,
}

/** @throws RangeError when one is no whole number above 0 */
export function checkOptions(options: Partial<BtpPoolOptions>): BtpPoolOptions {
  const all = { ...BTP_POOL_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(all)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return all
}
