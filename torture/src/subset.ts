/** How many amounts are looked through: half of them in the exponent is what it costs. */
export const SUBSET_MAX = 40

/**
 * The places of the amounts that add up to `sum`; undefined when none do. Of amounts with many more random bits than
 * there are amounts no two subsets add up to the same, but for a chance that is as good as none.
 * @throws RangeError for more than SUBSET_MAX amounts
 */
export function subsetOf(amounts: readonly bigint[], sum: bigint): readonly number[] | undefined {
  if (amounts.length > SUBSET_MAX) throw new RangeError(`${amounts.length} amounts are too many`)
  if (sum === 0n) return []
  if (sum < 0n) return undefined
  // Sums of one half are looked up for what sums of the other leave.
  const middle = amounts.length >> 1
  const low = new Map(sums(amounts.slice(0, middle)).map((total, mask) => [total, mask]))
  const high = sums(amounts.slice(middle))
  for (const [mask, total] of high.entries()) {
    const other = low.get(sum - total)
    if (other !== undefined) return [...places(other, 0), ...places(mask, middle)]
  }
  return undefined
}

/** The sum of each subset, by the bits of its index. */
function sums(amounts: readonly bigint[]): bigint[] {
  const all = [0n]
  for (const amount of amounts) for (const sum of [...all]) all.push(sum + amount)
  return all
}

function places(mask: number, from: number): number[] {
  const found: number[] = []
  for (let place = 0; mask >> place > 0; place++) if ((mask >> place) & 1) found.push(from + place)
  return found
}
