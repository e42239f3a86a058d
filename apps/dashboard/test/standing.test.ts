import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standing } from '../page/format/standing.js'

const books = (balance: bigint, heldOut = 0n, heldIn = 0n) => ({
  balance: balance.toString(),
  heldOut: heldOut.toString(),
  heldIn: heldIn.toString(),
})

describe('a balance', () => {
  it('stands between its limits', () => {
    const at = standing(books(-50n), { minBalance: '-100', maxBalance: '300' }, 'peer')
    expect(at).toMatchObject({ zero: 0.25, balance: 0.125, used: 0.5, level: 'ok' })
  })

  it.each([
    [-79n, 0n, 'ok'],
    [-80n, 0n, 'warn'],
    [-70n, 10n, 'warn'],
    [-97n, 0n, 'bad'],
    [-120n, 0n, 'bad'],
  ] as const)('of %d with %d held, of 100, is %s', (balance, heldOut, level) => {
    expect(standing(books(balance, heldOut), { minBalance: '-100' }, 'peer').level).toBe(level)
  })

  it('without limits uses none of them', () => {
    expect(standing(books(7n), {}, 'local')).toMatchObject({ used: undefined, level: 'ok', hasMin: false })
    // Zero is no credit: an account that owes nothing is as it should be.
    expect(standing(books(0n), {}, 'child')).toMatchObject({ used: undefined, level: 'ok', hasMin: true })
  })

  it('leaves room beside zero where there is no limit', () => {
    expect(standing(books(0n), { minBalance: '-600' }, 'child').zero).toBeCloseTo(6 / 7, 3)
    expect(standing(books(7n), { minBalance: '-600' }, 'child').zero).toBeCloseTo(6 / 7, 3)
    expect(standing(books(0n), { maxBalance: '600' }, 'local').zero).toBeCloseTo(1 / 7, 3)
  })

  it('lies on its bar, whatever it is', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 30n })
    const limit = fc.option(amount, { nil: undefined })
    fc.assert(
      fc.property(fc.bigInt(), amount, amount, limit, limit, (balance, heldOut, heldIn, min, max) => {
        const limits = {
          minBalance: min === undefined ? undefined : (-min).toString(),
          maxBalance: max?.toString(),
        }
        const {
          zero,
          lowest,
          balance: at,
          highest,
        } = standing(books(balance, heldOut, heldIn), limits, 'peer')
        for (const place of [zero, lowest, at, highest]) {
          expect(place).toBeGreaterThanOrEqual(0)
          expect(place).toBeLessThanOrEqual(1)
        }
        expect(lowest).toBeLessThanOrEqual(at)
        expect(at).toBeLessThanOrEqual(highest)
      }),
    )
  })
})
