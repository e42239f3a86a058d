/**
 * Plain data as JSON, which has no bigints: they become texts that begin with `n:`. Texts that begin like that, or with
 * what marks them, are marked with `s:`.
 */
const BIGINT = 'n:'
const TEXT = 's:'

function mapped(value: unknown, map: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(part => mapped(part, map))
  if (typeof value !== 'object' || value === null) return map(value)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapped(part, map)]))
}

const mark = (leaf: unknown): unknown => {
  if (typeof leaf === 'bigint') return BIGINT + leaf
  return typeof leaf === 'string' && (leaf.startsWith(BIGINT) || leaf.startsWith(TEXT)) ? TEXT + leaf : leaf
}

const unmark = (leaf: unknown): unknown => {
  if (typeof leaf !== 'string') return leaf
  if (leaf.startsWith(BIGINT)) return BigInt(leaf.slice(BIGINT.length))
  return leaf.startsWith(TEXT) ? leaf.slice(TEXT.length) : leaf
}

/** Fields that are undefined are left out. */
export const encodePlainData = (value: unknown): string => JSON.stringify(mapped(value, mark))

/** What `encodePlainData` made a text of, frozen in all its depth. */
export const decodePlainData = (text: string): unknown => frozen(mapped(JSON.parse(text), unmark))

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
