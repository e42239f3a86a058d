import type { Rate } from './rate.js'

/**
 * What packets have to bring, so that all that is sent on a connection brings the minimum rate, but for one unit of
 * the receiver's, whichever packets are fulfilled. Where a packet's part of a unit is rounded away, that comes out of
 * what earlier packets brought above their due.
 */
export class Minimum {
  readonly rate: Rate
  /** What may be rounded away yet: parts of a unit, `rate.sent` of which are one. */
  #spare: bigint

  constructor(rate: Rate) {
    this.rate = rate
    this.#spare = rate.sent
  }

  /** What a packet with this amount has to bring, in the receiver's unit. */
  of(amount: bigint): bigint {
    const parts = amount * this.rate.delivered
    const whole = parts / this.rate.sent
    return parts % this.rate.sent <= this.#spare ? whole : whole + 1n
  }

  /** The packet is under way. */
  hold(amount: bigint, minimum: bigint): void {
    this.#spare -= this.#rounded(amount, minimum)
  }

  /** The packet has cost nothing. */
  release(amount: bigint, minimum: bigint): void {
    this.#spare += this.#rounded(amount, minimum)
  }

  /** The packet has brought this much, at least its minimum. */
  settle(amount: bigint, minimum: bigint, delivered: bigint): void {
    this.release(amount, minimum)
    this.#spare += delivered * this.rate.sent - amount * this.rate.delivered
  }

  #rounded(amount: bigint, minimum: bigint): bigint {
    const missing = amount * this.rate.delivered - minimum * this.rate.sent
    return missing > 0n ? missing : 0n
  }
}
