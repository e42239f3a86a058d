import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Inbox } from './inbox.js'

const WINDOW = 64

it('gives each byte once and in order, whatever order, repeats and readings there are', () => {
  const cuts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(cuts, fc.infiniteStream(fc.nat()), (lengths, numbers) => {
      const next = () => numbers.next().value as number
      const fragments: { offset: number; data: Uint8Array }[] = []
      let end = 0
      for (const length of lengths) {
        fragments.push({ offset: end, data: Uint8Array.from({ length }, (_, i) => (end + i) & 255) })
        end += length
      }
      const inbox = new Inbox(WINDOW)
      const got: number[] = []
      const missing = new Set(fragments)
      for (let turn = 0; got.length < end; turn++) {
        const fitting = fragments.filter(({ offset, data }) => offset + data.length <= inbox.maxOffset)
        // Also those that have come before. Now and then the first that is missing, or nothing would come of it.
        const [first] = missing
        const fragment = turn % 5 === 0 && first ? first : fitting[next() % fitting.length]
        if (!fragment || !fitting.includes(fragment)) continue
        const before = inbox.farthest
        expect(inbox.advance(fragment.offset, fragment.data.length)).toBeGreaterThanOrEqual(0)
        expect(inbox.take(fragment.offset, fragment.data)).toBe('taken')
        expect(inbox.farthest).toBe(Math.max(before, fragment.offset + fragment.data.length))
        missing.delete(fragment)
        got.push(...inbox.next(next() % 20))
        if (missing.size === 0) got.push(...inbox.next(WINDOW))
      }
      expect(got).toEqual(Array.from({ length: end }, (_, i) => i & 255))
      expect(inbox.hasGaps).toBe(false)
    }),
  )
})

it('keeps nothing when nobody reads, and its window goes on', () => {
  const inbox = new Inbox(WINDOW)
  expect(inbox.take(0, new Uint8Array(40))).toBe('taken')
  inbox.close()
  expect([inbox.available, inbox.maxOffset]).toEqual([0, 40 + WINDOW])
  expect(inbox.take(40, new Uint8Array(60))).toBe('taken')
  expect([inbox.available, inbox.read]).toEqual([0, 100])
})

it('takes nothing beyond its window', () => {
  const inbox = new Inbox(WINDOW)
  expect(inbox.take(1, new Uint8Array(WINDOW))).toBe('beyondWindow')
  expect(inbox.take(0, new Uint8Array(WINDOW))).toBe('taken')
})
