import { describe, expect, it } from 'vitest'
import { quantity, type Result, report } from './report.js'

const result = (ours: number[], peer: number[], extra: Partial<Result['measurement']> = {}): Result => ({
  measurement: {
    name: 'speed',
    what: 'how fast',
    unit: 'packets a second',
    peer: 'peer 1.2.3',
    bar: { atLeast: 10 },
    how: 'By counting.',
    ...extra,
  },
  outcome: { ours, peer, remarks: ['Nothing else ran.'] },
})

const page = (...results: Result[]) => report(results, { Node: 'v20.0.0', memory: '8 GiB' })

describe('report', () => {
  it('has a row with figures, ratio, bar and verdict, the machine, and how it was measured', () => {
    const text = page(result([11_000, 13_000, 12_000], [1_000, 1_000, 1_000]))
    expect(text).toContain('All 1 figures reach what they must.')
    expect(text).toContain(
      '| how fast, packets a second | 12,000 | 1,000 (peer 1.2.3) | 12.0 (11.0..13.0) | at least 10 | met |',
    )
    expect(text).toContain('| Node | v20.0.0 |\n| memory | 8 GiB |')
    expect(text).toContain('**how fast** (`speed`). By counting. Nothing else ran.')
    expect(text).toContain('`npm run bench`')
  })

  it('says first, and in the row, where a figure falls short', () => {
    const text = page(
      result([9_000], [1_000]),
      result([0.7], [1], { name: 'late', what: 'how late', unit: 'ms', bar: { atMost: 0.6 } }),
    )
    expect(text).not.toContain('All 2 figures')
    expect(text).toContain('**Falls short:** how fast (`speed`): 9.00 of the peer’s, must be at least 10.')
    expect(text).toContain('**Falls short:** how late (`late`): 0.70 of the peer’s, must be at most 0.6.')
    expect(text).toContain('| 9.00 (9.00..9.00) | at least 10 | **not met** |')
  })

  it('tells an aim that was missed from a bar that was not', () => {
    const text = page(result([12], [1], { bar: { atLeast: 10, aim: 15 } }))
    expect(text).toContain('| at least 10, aim 15 | met, aim missed |')
    expect(page(result([15], [1], { bar: { atLeast: 10, aim: 15 } }))).toContain(
      '| at least 10, aim 15 | met |',
    )
  })

  it('compares figures themselves where that is what is asked', () => {
    const bar = { atMostAbove: 0.4 }
    expect(page(result([1.25], [1], { bar }))).toContain('| at most 0.4 above | met |')
    const late = page(result([1.5], [1], { bar }))
    expect(late).toContain('0.5 above the peer’s, must be at most 0.4 above.')
    expect(late).toContain('| at most 0.4 above | **not met** |')
    expect(page(result([45_000], [90_000], { bar: { aimOurs: 45_000 } }))).toContain('| aim 45,000 | met |')
    expect(page(result([44_000], [90_000], { bar: { aimOurs: 45_000 } }))).toContain(
      '| aim 45,000 | aim missed |',
    )
  })

  it('says what could not be measured, and why', () => {
    const failed = { ...result([], []), outcome: new Error('it did not start\nat line 1') }
    const text = page(failed)
    expect(text).toContain('**Not measured:** how fast (`speed`): it did not start\n')
    expect(text).toContain('**not measured** |')
  })
})

describe('quantity', () => {
  it('keeps three digits, and whole numbers from a thousand on', () => {
    expect([0.063_44, 41.26, 999.4, 1_234_567.8].map(quantity)).toEqual([
      '0.0634',
      '41.3',
      '999',
      '1,234,568',
    ])
  })
})
