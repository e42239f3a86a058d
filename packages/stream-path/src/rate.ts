/** So many of the receiver's units for so many of the sender's. Exact. */
export interface Rate {
  /** In the receiver's unit, 0 or more. */
  readonly delivered: bigint
  /** In the sender's unit, at least 1. */
  readonly sent: bigint
}

const floorDivide = (dividend: bigint, divisor: bigint): bigint => dividend / divisor
const ceilDivide = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

/** What `amount` brings at this rate, in the receiver's unit, rounded down. */
export const deliveredDown = ({ delivered, sent }: Rate, amount: bigint): bigint =>
  floorDivide(amount * delivered, sent)

/** What `amount` brings at this rate, in the receiver's unit, rounded up. */
export const deliveredUp = ({ delivered, sent }: Rate, amount: bigint): bigint =>
  ceilDivide(amount * delivered, sent)

/** The least amount that brings `units` of the receiver's at this rate, which is not zero. */
export const sourceFor = ({ delivered, sent }: Rate, units: bigint): bigint =>
  ceilDivide(units * sent, delivered)

/** The largest amount that brings no more than `units` at any rate below this one, which is not zero. */
export const sourceWithin = ({ delivered, sent }: Rate, units: bigint): bigint =>
  units === 0n ? 0n : floorDivide((units + 1n) * sent, delivered)

/** The least amount that brings as much as this one at this rate: what paths round down is not given away. */
export function trimmed(rate: Rate, amount: bigint): bigint {
  if (rate.delivered >= rate.sent || rate.delivered === 0n) return amount
  const least = deliveredDown(rate, amount)
  return least > 0n ? sourceFor(rate, least) : 0n
}

/** The rate less so many millionths of it. */
export const lessPpm = ({ delivered, sent }: Rate, ppm: number): Rate => ({
  delivered: delivered * BigInt(1_000_000 - ppm),
  sent: sent * 1_000_000n,
})

/** Whether one rate is below the other. */
export const isBelow = (one: Rate, other: Rate): boolean =>
  one.delivered * other.sent < other.delivered * one.sent

/**
 * The rate of a path as its packets show it. Paths round down, so that a packet which brought 5 of 10 units was worth
 * at least 5 and less than 6: the rate lies between two bounds, and the more a packet brings, the closer they are.
 * A packet outside of them shows that the rate has changed.
 */
export class RateEstimate {
  /** What the rate is at least. */
  low: Rate
  /** What the rate is below of. */
  high: Rate
  #sent: bigint
  #delivered: bigint

  /** @param sent at least 1 */
  constructor(sent: bigint, delivered: bigint) {
    this.low = { delivered, sent }
    this.high = { delivered: delivered + 1n, sent }
    this.#sent = sent
    this.#delivered = delivered
  }

  /** A packet of `sent`, at least 1, has brought `delivered`. */
  observe(sent: bigint, delivered: bigint): void {
    // Packets of one size bring the same most of the time.
    if (sent === this.#sent && delivered === this.#delivered) return
    const changed = sent === this.#sent
    this.#sent = sent
    this.#delivered = delivered
    const low = { delivered, sent }
    const high = { delivered: delivered + 1n, sent }
    if (changed || !isBelow(this.low, high) || !isBelow(low, this.high)) {
      this.low = low
      this.high = high
      return
    }
    if (isBelow(this.low, low)) this.low = low
    if (isBelow(high, this.high)) this.high = high
  }

  /** What a packet of `amount` brings at least, if the rate stays. */
  least(amount: bigint): bigint {
    return amount === this.#sent ? this.#delivered : deliveredDown(this.low, amount)
  }

  /** The amount that brings `units`, if the rate stays, and `rate` otherwise. */
  sourceFor(units: bigint, rate: Rate): bigint {
    return units === this.#delivered ? this.#sent : sourceFor(rate, units)
  }

  /** What a packet of `amount` brings at most, if the rate stays. */
  most(amount: bigint): bigint {
    if (amount === 0n) return 0n
    return amount === this.#sent ? this.#delivered : deliveredUp(this.high, amount) - 1n
  }
}
