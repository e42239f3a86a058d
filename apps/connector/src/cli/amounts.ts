import { wrongUsage } from './failure.js'

export interface Asset {
  readonly code: string
  readonly scale: number
}

/** Units as a decimal number of the asset: exact, with all of its digits. */
export function decimal(units: string | bigint, { scale }: Asset): string {
  const text = String(units)
  const sign = text.startsWith('-') ? '-' : ''
  const digits = text.slice(sign.length).padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${sign}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

/** The same with the asset's code: `0.000000120 USD`. */
export const money = (units: string | bigint, asset: Asset): string =>
  `${decimal(units, asset)} ${asset.code}`

export const assetName = ({ code, scale }: Asset): string => `${code}/${scale}`

const AMOUNT = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?: ?(\S.*))?$/

/**
 * What somebody has typed, in units of the asset: a whole number is so many units, a number with the asset's code is
 * so much of the asset, as in `1.50USD`.
 */
export function unitsOf(text: string, asset: Asset, what = 'the amount'): bigint {
  const [, sign = '', whole = '', fraction = '', code] = AMOUNT.exec(text) ?? []
  const { scale } = asset
  const form = `units such as 1500, or ${asset.code} such as 1.5${asset.code} (one ${asset.code} is 1${'0'.repeat(Math.min(scale, 30))} units)`
  if (whole === '') throw wrongUsage(`${what} is ${JSON.stringify(text)}: expected ${form}`)
  if (code === undefined) {
    if (fraction !== '') {
      throw wrongUsage(`${what} is ${text}: expected a whole number of units, or ${text}${asset.code}`)
    }
    return BigInt(`${sign === '-' ? '-' : ''}${whole}`)
  }
  if (code !== asset.code) throw wrongUsage(`${what} is in ${code}: expected ${form}`)
  const digits = fraction.replace(/0+$/, '')
  if (digits.length > scale) {
    throw wrongUsage(`${what} is ${text}: ${asset.code} has ${scale} digits behind the point here`)
  }
  const units = BigInt(whole + digits.padEnd(scale, '0'))
  return sign === '-' ? -units : units
}
