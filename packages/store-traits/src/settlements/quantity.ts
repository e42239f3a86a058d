/** An amount and the scale that it is in: `amount / 10^scale` of the asset (RFC 38). */
export interface Quantity {
  /** Not negative. */
  readonly amount: bigint
  /** 0..255. */
  readonly scale: number
}

/**
 * What there is of two quantities together in units of a scale, rounded down, and what is left over, exactly. The same
 * money gives the same leftover, whatever scales it came in: its scale is the smallest that can say it.
 */
export function quantityIn(
  scale: number,
  quantity: Quantity,
  leftover: Quantity,
): { readonly amount: bigint; readonly leftover: Quantity } {
  const finest = Math.max(scale, quantity.scale, leftover.scale)
  const total = rescale(quantity, finest) + rescale(leftover, finest)
  const unit = 10n ** BigInt(finest - scale)
  return { amount: total / unit, leftover: reduced({ amount: total % unit, scale: finest }) }
}

const rescale = ({ amount, scale }: Quantity, to: number): bigint => amount * 10n ** BigInt(to - scale)

function reduced({ amount, scale }: Quantity): Quantity {
  if (amount === 0n) return { amount, scale: 0 }
  while (scale > 0 && amount % 10n === 0n) {
    amount /= 10n
    scale -= 1
  }
  return { amount, scale }
}
