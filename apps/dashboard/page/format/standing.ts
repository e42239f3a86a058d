/** Where a balance stands between its limits. */

export interface Limits {
  readonly minBalance?: string | undefined
  readonly maxBalance?: string | undefined
}

export interface Standing {
  /** Where zero, the balance, and the balance with what packets hold lie on the bar: from 0 to 1. */
  readonly zero: number
  readonly balance: number
  readonly lowest: number
  readonly highest: number
  /** How much of the nearer limit is used, from 0 to 1; undefined without a limit on that side. */
  readonly used: number | undefined
  readonly level: 'ok' | 'warn' | 'bad'
  readonly hasMin: boolean
  readonly hasMax: boolean
}

const WARN_FROM = 0.8
const BAD_FROM = 0.97

/** Pixels need no exactness: a ten-thousandth will do. */
const STEPS = 10_000n

/** @param relation local accounts have no lower limit unless there is one; others have zero */
export function standing(
  books: { readonly balance: string; readonly heldOut: string; readonly heldIn: string },
  { minBalance, maxBalance }: Limits,
  relation: string,
): Standing {
  const balance = BigInt(books.balance)
  const lowest = balance - BigInt(books.heldOut)
  const highest = balance + BigInt(books.heldIn)
  const givenMin = minBalance ?? (relation === 'local' ? undefined : '0')
  const min = givenMin === undefined ? undefined : BigInt(givenMin)
  const max = maxBalance === undefined ? undefined : BigInt(maxBalance)
  // A side without a limit is as long as it takes to show the balance, and never so short that zero is at its end.
  const shown = (larger(absolute(lowest), absolute(highest)) * 5n) / 4n
  const reach = larger(larger(shown, larger(absolute(min ?? 0n), absolute(max ?? 0n)) / 6n), 1n)
  const from = smaller(smaller(min ?? -reach, lowest), 0n)
  const to = larger(larger(max ?? reach, highest), 0n)
  const at = (value: bigint) =>
    to === from ? 0 : Number(((value - from) * STEPS) / (to - from)) / Number(STEPS)
  const used = usedOf(lowest, highest, min, max)
  return {
    zero: at(0n),
    balance: at(balance),
    lowest: at(lowest),
    highest: at(highest),
    used,
    level: used === undefined || used < WARN_FROM ? 'ok' : used < BAD_FROM ? 'warn' : 'bad',
    hasMin: min !== undefined,
    hasMax: max !== undefined,
  }
}

/** Of the limit on the side of zero where the balance is. A limit of zero is no credit, and no alarm. */
function usedOf(
  lowest: bigint,
  highest: bigint,
  min: bigint | undefined,
  max: bigint | undefined,
): number | undefined {
  const below = min !== undefined && min < 0n && lowest < 0n ? share(lowest, min) : undefined
  const above = max !== undefined && max > 0n && highest > 0n ? share(highest, max) : undefined
  return below === undefined ? above : Math.max(below, above ?? 0)
}

const share = (part: bigint, whole: bigint): number => Number((part * STEPS) / whole) / Number(STEPS)
const absolute = (value: bigint) => (value < 0n ? -value : value)
const larger = (one: bigint, other: bigint) => (one > other ? one : other)
const smaller = (one: bigint, other: bigint) => (one < other ? one : other)
