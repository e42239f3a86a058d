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
  const isBeyond = scale > DECIMALS_MAX
  const { isNegative, whole, significant, zeros } = digitsOf(units, isBeyond ? 0 : scale)
  const point = significant === '' ? '' : '.'
  return {
    sign: isNegative ? '−' : '',
    text: `${grouped(whole)}${point}${significant}`,
    zeros: point === '' && zeros !== '' ? `.${zeros}` : zeros,
    unit: isBeyond ? `× 10⁻${superscript(scale)} ${code}` : code,
  }
}

/** The digits in front of the point, and behind it those that matter and the zeros at their end. */
function digitsOf(units: string | bigint, scale: number) {
  const value = BigInt(units)
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const decimals = digits.slice(digits.length - scale)
  const significant = decimals.replace(/0+$/, '')
  return {
    isNegative: value < 0n,
    whole: digits.slice(0, digits.length - scale),
    significant,
    zeros: decimals.slice(significant.length),
  }
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
  const { isNegative, whole, significant } = digitsOf(units, scale)
  return `${isNegative ? '-' : ''}${whole}${significant === '' ? '' : `.${significant}`}`
}
