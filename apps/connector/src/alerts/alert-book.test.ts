import { describe, expect, it } from 'vitest'
import { ALERTS_MAX, AlertBook, type AlertChange, type Condition } from './alert-book.js'

function scene() {
  const changes: AlertChange[] = []
  const clock = { nowMs: 0 }
  const book = new AlertBook(
    change => void changes.push(change),
    () => clock.nowMs,
  )
  const down: Condition = { account: 'bob', message: 'the BTP link is down' }
  const look = (atMs: number, subjects: readonly string[], looked?: readonly string[]) => {
    clock.nowMs = atMs
    book.take({
      kind: 'link-down',
      found: new Map(subjects.map(subject => [subject, down])),
      ...(looked && { looked: (subject: string) => looked.includes(subject) }),
      holdMs: 1_000,
    })
    return changes.splice(0).map(({ state }) => state)
  }
  return { book, changes, look, down, clock }
}

describe('an alert', () => {
  it('is raised once when its condition has held for a while, and cleared once when it is gone', () => {
    const { book, look } = scene()
    expect(look(0, ['bob'])).toEqual([])
    expect(look(999, ['bob'])).toEqual([])
    expect(book.alerts()).toEqual([])
    expect(look(1_000, ['bob'])).toEqual(['raised'])
    expect(look(5_000, ['bob'])).toEqual([])
    expect(book.alerts()).toMatchObject([
      { kind: 'link-down', account: 'bob', message: 'the BTP link is down', id: expect.any(String) },
    ])
    expect(look(6_000, [])).toEqual([])
    expect(look(6_999, [])).toEqual([])
    expect(look(7_000, [])).toEqual(['cleared'])
    expect(look(9_000, [])).toEqual([])
    expect(book.alerts()).toEqual([])
  })

  it('is not raised by what comes and goes, nor cleared by it', () => {
    const { look } = scene()
    for (let atMs = 0; atMs < 10_000; atMs += 900) {
      expect(look(atMs, ['bob'])).toEqual([])
      expect(look(atMs + 400, [])).toEqual([])
    }
    look(20_000, ['bob'])
    expect(look(21_000, ['bob'])).toEqual(['raised'])
    for (let atMs = 22_000; atMs < 30_000; atMs += 900) {
      expect(look(atMs, [])).toEqual([])
      expect(look(atMs + 400, ['bob'])).toEqual([])
    }
  })

  it('is known by what it is about, and is new when it comes again', () => {
    const { book, look } = scene()
    look(0, ['bob', 'carol'])
    expect(look(1_000, ['bob', 'carol'])).toEqual(['raised', 'raised'])
    const [bob] = book.alerts()
    look(2_000, ['carol'])
    expect(look(3_000, ['carol'])).toEqual(['cleared'])
    look(4_000, ['bob', 'carol'])
    expect(look(5_000, ['bob', 'carol'])).toEqual(['raised'])
    expect(book.alerts().map(({ id }) => id)).not.toContain(bob?.id)
  })

  it('stays as it is while nobody looks at what it is about', () => {
    const { book, look } = scene()
    look(0, ['bob'])
    expect(look(1_000, ['bob'])).toEqual(['raised'])
    expect(look(2_000, [], ['carol'])).toEqual([])
    expect(look(9_000, [], ['carol'])).toEqual([])
    book.take({ kind: 'settlement-stuck', found: new Map(), holdMs: 0 })
    expect(book.size).toBe(1)
    book.forget('link-down', () => false)
    expect(book.size).toBe(0)
  })

  it('is one of so many at the most', () => {
    const { book, look } = scene()
    const many = Array.from({ length: ALERTS_MAX + 10 }, (_, index) => `account ${index}`)
    look(0, many)
    expect(look(1_000, many)).toHaveLength(ALERTS_MAX)
    expect(book.size).toBe(ALERTS_MAX)
    look(2_000, many.slice(0, 500))
    expect(look(3_000, many.slice(0, 500)).filter(state => state === 'cleared')).toHaveLength(500)
    expect(book.size).toBe(500)
  })
})
