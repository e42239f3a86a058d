import { z } from 'zod'

/** A whole number of any size, exact. */
export const units = z.string().regex(/^-?(0|[1-9][0-9]*)$/)

export const asset = z.strictObject({ code: z.string(), scale: z.int().min(0).max(255) })

export const milliseconds = z.int().min(0)

/** How many entries of a list are answered at once, unless the request says: and the most that it may say. */
const PAGE_DEFAULT = 100
const PAGE_MAX = 1_000

export const pageSize = z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT)

/** A list's order is that of its keys; the next page begins behind the last key of this one. */
export const pageQuery = { limit: pageSize, after: z.string().max(1_024).optional() }

/** Says where the next page is: the header `Link`, RFC 8288. */
export const PAGED = 'a page of the list; the header `Link` has the next one, if there is one (`rel="next"`)'

/** A page of `entries`, and the header that leads to the next. */
export function page<T>(
  path: string,
  entries: readonly T[],
  keyOf: (entry: T) => string,
  query: Readonly<Record<string, unknown>> & { readonly limit: number; readonly after?: string | undefined },
): { readonly entries: readonly T[]; readonly headers: Readonly<Record<string, string>> } {
  const { limit, after } = query
  const first = new Smallest<T>(limit + 1)
  for (const entry of entries) {
    const key = keyOf(entry)
    if (after === undefined || key > after) first.add(key, entry)
  }
  const shown = first.entries.slice(0, limit)
  const last = shown[shown.length - 1]
  if (last === undefined || first.entries.length <= limit) return { entries: shown, headers: {} }
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, after: keyOf(last) })) {
    if (value !== undefined) search.set(name, String(value))
  }
  return { entries: shown, headers: { link: `<${path}?${search}>; rel="next"` } }
}

/** The entries with the smallest keys, in their order: a table may be large, and a page is small. */
class Smallest<T> {
  readonly entries: T[] = []
  readonly #keys: string[] = []
  readonly #countMax: number

  constructor(countMax: number) {
    this.#countMax = countMax
  }

  add(key: string, entry: T): void {
    const keys = this.#keys
    if (keys.length === this.#countMax && key >= (keys[keys.length - 1] ?? '')) return
    let [from, to] = [0, keys.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((keys[middle] ?? '') < key) from = middle + 1
      else to = middle
    }
    keys.splice(from, 0, key)
    this.entries.splice(from, 0, entry)
    if (keys.length <= this.#countMax) return
    keys.pop()
    this.entries.pop()
  }
}
