export const smaller = (one: bigint, other: bigint): bigint => (one < other ? one : other)

export const larger = (one: bigint, other: bigint): bigint => (one > other ? one : other)

/**
 * How much of `total` the next packet takes, when packets take up to `size`: of what is left for two, it takes half, so
 * that the last is not worth next to nothing.
 */
export function nextPart(total: bigint, size: bigint): bigint {
  if (total <= size) return total
  return total < 2n * size ? (total + 1n) / 2n : size
}
