import type { Asset } from '../api/types.js'
import { amountParts } from '../format/amount.js'

interface AmountProps {
  readonly units: string
  readonly asset: Asset
}

/** An amount to the unit. The zeros at its end keep columns in line, and are paler. */
export function Amount({ units, asset }: AmountProps) {
  const { sign, text, zeros, unit } = amountParts(units, asset)
  return (
    <span class="amount">
      {sign}
      {text}
      {zeros !== '' && <span class="zeros">{zeros}</span>} <span class="unit">{unit}</span>
    </span>
  )
}
