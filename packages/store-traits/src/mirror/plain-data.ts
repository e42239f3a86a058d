/**
 * Plain data as JSON, with nothing lost: a string carries a letter in front that says what it stands for, `s` for a
 * string, `n` for a bigint, `f` for a number that JSON has no word for, `u` alone for undefined. Properties that are
 * undefined are left out.
 * @throws TypeError for what is no plain data
 */
export const encodePlainData = (value: unknown): string => JSON.stringify(mark(value))

/** What `encodePlainData` made a text of, frozen in all its depth. */
export const decodePlainData = (text: string): unknown => unmark(JSON.parse(text))

function mark(value: unknown): unknown {
  if (typeof value === 'string') return `s${value}`
  if (typeof value === 'bigint') return `n${value}`
  if (typeof value === 'number') return hasJson(value) ? value : `f${Object.is(value, -0) ? '-0' : value}`
  if (value === undefined) return 'u'
  if (typeof value === 'boolean' || value === null) return value
  if (Array.isArray(value)) return value.map(mark)
  if (typeof value === 'object' && isPlain(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(fields.map(([name, field]) => [name, mark(field)]))
  }
  throw new TypeError(`a ${typeof value} is no plain data`)
}

function unmark(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(unmark))
  if (typeof value === 'object' && value !== null) {
    return Object.freeze(
      Object.fromEntries(Object.entries(value).map(([name, field]) => [name, unmark(field)])),
    )
  }
  if (typeof value !== 'string') return value
  const rest = value.slice(1)
  if (value[0] === 'n') return BigInt(rest)
  if (value[0] === 'u') return undefined
  return value[0] === 'f' ? Number(rest) : rest
}

const hasJson = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0)

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
