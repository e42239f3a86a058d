import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { page } from './values.js'

describe('a list in pages', () => {
  it('has every entry once, by its key, whatever its order and the size of the pages', () => {
    const keys = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 30 })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), (entries, limit) => {
        const seen: string[] = []
        for (let after: string | undefined; ; ) {
          const { entries: shown, headers } = page('/list', entries, key => key, { limit, after, x: 'ä' })
          expect(shown.length).toBeLessThanOrEqual(limit)
          seen.push(...shown)
          const link = headers['link']
          if (link === undefined) break
          const url = new URL(/^<(.+)>; rel="next"$/.exec(link)?.[1] ?? '', 'http://host')
          expect([url.pathname, url.searchParams.get('x')]).toEqual(['/list', 'ä'])
          after = url.searchParams.get('after') ?? undefined
        }
        expect(seen).toEqual(entries.toSorted((one, other) => (one < other ? -1 : 1)))
      }),
    )
  })
})
