/** Amounts are whole numbers of an asset's smallest unit, of any size: never floating point. */
import type { Asset } from '../api/types.js'

/** Beyond so many decimals an amount is shown in units of the scale. */
const DECIMALS_MAX = 24

/** The parts of an amount: what matters, and the zeros at its end, which only keep the columns in line. */
export interface AmountParts {
  readonly sign: '' | '−'
  readonly text: string
  readonly zeros: string
  /** The asset's code, or where its scale is beyond reason, its unit as well. */
  readonly unit: string
}

export function amountParts(units: string | bigint, { code, scale }: Asset): AmountParts {
  const value = BigInt(units)
  const sign = value < 0n ? '−' : ''
  const digits = (value < 0n ? -value : value).toString()
  if (scale > DECIMALS_MAX)
    return { sign, text: grouped(digits), zeros: '', unit: `× 10⁻${superscript(scale)} ${code}` }
  const padded = digits.padStart(scale + 1, '0')
  const whole = grouped(padded.slice(0, padded.length - scale))
  const decimals = padded.slice(padded.length - scale)
  const significant = decimals.replace(/0+$/, '')
  const zeros = decimals.slice(significant.length)
  if (scale === 0) return { sign, text: whole, zeros: '', unit: code }
  if (significant === '') return { sign, text: whole, zeros: `.${zeros}`, unit: code }
  return { sign, text: `${whole}.${significant}`, zeros, unit: code }
}

/** The amount in words for those who don't see it, and where there is no room for zeros. */
export function amountText(units: string | bigint, asset: Asset): string {
  const { sign, text, unit } = amountParts(units, asset)
  return `${sign}${text} ${unit}`
}

/** Groups of three digits, with a comma. */
export const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, ',')

const superscript = (value: number): string =>
  Array.from(String(value), digit => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')

/**
 * The units that somebody has written as a decimal of the asset: `1,234.5` in scale 2 is 123450.
 * @throws RangeError that says what is wrong
 */
export function parseAmount(written: string, { scale }: Pick<Asset, 'scale'>): bigint {
  const text = written
    .trim()
    .replace(/^−/, '-')
    .replace(/(?<=\d),(?=\d{3}(\D|$))/g, '')
  const match = /^(-?)(\d{0,80})(?:\.(\d*))?$/.exec(text)
  const [, sign = '', whole = '', decimals = ''] = match ?? []
  if (!match || (whole === '' && decimals === '')) throw new RangeError('Write a number, such as 12.5')
  if (decimals.replace(/0+$/, '').length > scale) {
    throw new RangeError(scale === 0 ? 'Write a whole number' : `Write ${scale} decimals at the most`)
  }
  const units = BigInt(whole + decimals.slice(0, scale).padEnd(scale, '0'))
  return sign === '-' ? -units : units
}

/** The decimal that `parseAmount` reads, without groups. */
export function writtenAmount(units: string | bigint, { scale }: Pick<Asset, 'scale'>): string {
  const value = BigInt(units)
  const padded = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const whole = padded.slice(0, padded.length - scale)
  const decimals = padded.slice(padded.length - scale).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${whole}${decimals === '' ? '' : `.${decimals}`}`
}
