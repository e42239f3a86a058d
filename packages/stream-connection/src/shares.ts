/** Whom money is for, and which part of it: shares of a packet, or the amount that comes of them. */
export interface Part<Target> {
  readonly target: Target
  units: bigint
}

/**
 * Turns shares into amounts that add up to `amount` (RFC 29 section 5.3.8): each is rounded down. What is left over
 * is returned.
 * @param parts not all of their shares are 0 unless the amount is
 */
export function divide<Target>(amount: bigint, parts: readonly Part<Target>[]): bigint {
  let shares = 0n
  for (const { units } of parts) shares += units
  let rest = amount
  for (const part of parts) {
    // Most packets are for one stream.
    if (shares === 0n) part.units = 0n
    else part.units = part.units === shares ? amount : (amount * part.units) / shares
    rest -= part.units
  }
  return rest
}
