import { describe, expect, it } from 'vitest'
import { hasLimit, nearLimits, partsOf } from './near-limit.js'

const account = { username: 'bob', minBalance: -1_000n, maxBalance: 2_000n }
const near = (balance: bigint, held = { heldOut: 0n, heldIn: 0n }, raised: readonly string[] = []) => [
  ...nearLimits(account, { balance, ...held }, partsOf(0.9), limit => raised.includes(limit)).keys(),
]

describe('a balance', () => {
  it('is near a limit from the fraction on, to the unit', () => {
    expect(near(-899n)).toEqual([])
    expect(near(-900n)).toEqual(['min'])
    expect(near(-5_000n)).toEqual(['min'])
    expect(near(1_799n)).toEqual([])
    expect(near(1_800n)).toEqual(['max'])
  })

  it('counts with what packets hold', () => {
    expect(near(0n, { heldOut: 900n, heldIn: 0n })).toEqual(['min'])
    expect(near(0n, { heldOut: 0n, heldIn: 1_800n })).toEqual(['max'])
    expect(near(0n, { heldOut: 900n, heldIn: 1_800n })).toEqual(['min', 'max'])
  })

  it('has to be some way off before it is near no more', () => {
    expect(near(-870n, undefined, ['min'])).toEqual(['min'])
    expect(near(-855n, undefined, ['min'])).toEqual(['min'])
    expect(near(-854n, undefined, ['min'])).toEqual([])
    expect(near(1_710n, undefined, ['max'])).toEqual(['max'])
    expect(near(1_709n, undefined, ['max'])).toEqual([])
  })

  it('is exact however large it is', () => {
    const most = 10n ** 30n
    const of = (balance: bigint) => [
      ...nearLimits(
        { username: 'bob', maxBalance: most },
        { balance, heldOut: 0n, heldIn: 0n },
        partsOf(0.9),
        () => false,
      ).keys(),
    ]
    expect(of(9n * 10n ** 29n - 1n)).toEqual([])
    expect(of(9n * 10n ** 29n)).toEqual(['max'])
  })

  it('says what it is about', () => {
    const found = nearLimits(account, { balance: -950n, heldOut: 1n, heldIn: 2n }, partsOf(0.9), () => false)
    expect(found.get('min')).toMatchObject({
      account: 'bob',
      details: { balance: '-950', heldOut: '1', heldIn: '2', minBalance: '-1000' },
    })
  })
})

it('without credit given there is no limit to be near to', () => {
  expect(hasLimit({ username: 'bob' })).toBe(false)
  expect(hasLimit({ username: 'bob', minBalance: 0n })).toBe(false)
  expect(hasLimit({ username: 'bob', minBalance: 5n, maxBalance: 0n })).toBe(false)
  expect(hasLimit({ username: 'bob', minBalance: -1n })).toBe(true)
  expect(hasLimit({ username: 'bob', maxBalance: 1n })).toBe(true)
  const empty = { balance: 0n, heldOut: 0n, heldIn: 0n }
  expect(nearLimits({ username: 'bob', minBalance: 0n }, empty, partsOf(0.9), () => false).size).toBe(0)
})
