import type { Quantity } from '@ilp/store-traits'

/** Digits of an amount: enough for anything, and few enough that computing with them takes no time. */
const AMOUNT = /^[0-9]{1,100}$/

/** The Quantity (RFC 38) that the JSON text is; undefined when it is none. Properties besides its two are ignored. */
export function parseQuantity(text: string): Quantity | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { amount, scale } = value as Partial<Record<'amount' | 'scale', unknown>>
  if (typeof amount !== 'string' || !AMOUNT.test(amount)) return undefined
  if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0 || scale > 255) return undefined
  // A negative zero is in the range, and is to be a plain one.
  return { amount: BigInt(amount), scale: scale || 0 }
}
