import type { Asset } from '@ilp/service-core'

/** An exact number. */
export type Fraction = readonly [numerator: bigint, denominator: bigint]

export interface Terms {
  /** By asset code, what one whole unit is worth. */
  readonly rates: Readonly<Record<string, string>>
  /** What the connector keeps of every amount. */
  readonly spread: string
}

function fraction(decimal: string): Fraction {
  const [whole = '', digits = ''] = decimal.split('.')
  return [BigInt(whole + digits), 10n ** BigInt(digits.length)]
}

const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * c, b * d]
const over = ([a, b]: Fraction, [c, d]: Fraction): Fraction => [a * d, b * c]

/** What `units` of one asset are in units of the other, before anything is rounded. */
export function exchanged(units: bigint, from: Asset, to: Asset, { rates, spread }: Terms): Fraction {
  const [kept, whole] = fraction(spread)
  const price = ({ code }: Asset) => fraction(rates[code] as string)
  const money = times(over([units, 10n ** BigInt(from.scale)], price(to)), price(from))
  return times(times(money, [whole - kept, whole]), [10n ** BigInt(to.scale), 1n])
}
