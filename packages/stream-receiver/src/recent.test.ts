import { describe, expect, it } from 'vitest'
import { Recent } from './recent.js'

const value = (name: string) => ({ name })

describe('recent values', () => {
  it('are there until nobody has asked for them for a while', () => {
    const recent = new Recent<object>(100, 1_000)
    const one = value('one')
    recent.add('one', one, 0)
    for (let now = 0; now < 10_000; now += 900) expect(recent.get('one', now)).toBe(one)
    expect(recent.get('one', 12_000)).toBeUndefined()
  })

  it('are kept for the whole of the while', () => {
    for (const start of [0, 1, 400, 999]) {
      const recent = new Recent<object>(100, 1_000)
      recent.get('other', 0)
      recent.add('one', value('one'), start)
      expect(recent.get('one', start + 999)).toBeDefined()
      expect(recent.get('one', start + 2_999)).toBeUndefined()
    }
  })

  it('are never more than the maximum, and those in use stay', () => {
    const recent = new Recent<object>(10, 1_000)
    const used = value('used')
    recent.add('used', used, 0)
    const keys = Array.from({ length: 1_000 }, (_, i) => `stranger ${i}`)
    for (const key of keys) {
      recent.add(key, value(key), 1)
      expect(recent.get('used', 1)).toBe(used)
    }
    const kept = keys.filter(key => recent.get(key, 1))
    expect(kept.length).toBeLessThan(10)
    expect(kept).toContain('stranger 999')
  })
})
