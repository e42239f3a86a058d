/** So many of the receiver's units for so many of the sender's. Exact. */
export interface Rate {
  /** In the receiver's unit, 0 or more. */
  readonly delivered: bigint
  /** In the sender's unit, at least 1. */
  readonly sent: bigint
}

const PPM = 1_000_000n

export const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)

export const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)

/** Whether one rate is below the other. */
export const isBelow = (one: Rate, other: Rate): boolean =>
  one.delivered * other.sent < other.delivered * one.sent

/** The rate less so many millionths of it. */
export const lessPpm = ({ delivered, sent }: Rate, ppm: number): Rate => ({
  delivered: delivered * (PPM - BigInt(ppm)),
  sent: sent * PPM,
})

/**
 * The rate of a path, between two bounds: paths round down, so that a packet of 10 units which brought 5 shows a rate
 * of at least 5/10 and less than 6/10. What doesn't fit shows that the rate has changed.
 */
export interface Bounds {
  readonly low: Rate
  readonly high: Rate
}

/** What is known of the rate after a packet of `sent`, at least 1, has brought `delivered`. */
export function narrowed(known: Bounds | undefined, sent: bigint, delivered: bigint): Bounds {
  const seen = { low: { delivered, sent }, high: { delivered: delivered + 1n, sent } }
  if (!known || !isBelow(known.low, seen.high) || !isBelow(seen.low, known.high)) return seen
  const low = isBelow(known.low, seen.low) ? seen.low : known.low
  const high = isBelow(seen.high, known.high) ? seen.high : known.high
  return { low, high }
}

/** What `amount` brings at least. */
export const leastOf = ({ low }: Bounds, amount: bigint): bigint => (amount * low.delivered) / low.sent

/** What `amount` brings at most. */
export const mostOf = ({ high }: Bounds, amount: bigint): bigint =>
  amount === 0n ? 0n : (amount * high.delivered - 1n) / high.sent

/** The largest amount that brings no more than `units`. */
export const amountWithin = ({ high }: Bounds, units: bigint): bigint =>
  units === 0n ? 0n : ((units + 1n) * high.sent) / high.delivered

/** The least amount that brings a unit, as far as is known; 0 when it isn't. */
export const amountOfUnit = ({ low }: Bounds): bigint =>
  low.delivered === 0n ? 0n : (low.sent + low.delivered - 1n) / low.delivered

/** The least amount that brings as much as `amount`: what the path would round away stays here. */
export function trimmed({ low }: Bounds, amount: bigint): bigint {
  if (low.delivered >= low.sent || low.delivered === 0n) return amount
  const least = (amount * low.delivered) / low.sent
  return least > 0n ? (least * low.sent + low.delivered - 1n) / low.delivered : 0n
}
