import { UINT64_MAX } from '@ilp/oer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { divide, type Stream } from './shares.js'

const stream = (id: number, totalReceived = 0n, closed = false): Stream => ({ id, totalReceived, closed })

/** The amounts by stream id, or `no room`. */
function divided(amount: bigint, shares: [Stream, bigint][], others: Stream[] = []) {
  const parts = shares.map(([of, units]) => ({ stream: of, units }))
  const hasRoom = divide(amount, parts, [...shares.map(([of]) => of), ...others])
  return hasRoom ? Object.fromEntries(parts.map(part => [part.stream.id, part.units])) : 'no room'
}

const uint64 = fc.bigInt(0n, UINT64_MAX)

describe('dividing an amount by shares', () => {
  it('gives each stream its part rounded down and the rest to the lowest, never losing or making a unit', () => {
    const shares = fc.array(uint64, { minLength: 1, maxLength: 10 }).filter(all => all.some(one => one > 0n))
    fc.assert(
      fc.property(uint64, shares, (amount, all) => {
        const total = all.reduce((sum, one) => sum + one, 0n)
        const amounts = divided(
          amount,
          all.map((one, i) => [stream(2 * i + 1), one]),
        )
        const floors = all.map(one => (amount * one) / total)
        const rest = amount - floors.reduce((sum, one) => sum + one, 0n)
        const expected = floors.map((one, i) => (i === 0 ? one + rest : one))
        expect(amounts).toEqual(Object.fromEntries(expected.map((one, i) => [2 * i + 1, one])))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is as in the example of RFC 29', () => {
    const shares: [Stream, bigint][] = [
      [stream(2), 5n],
      [stream(4), 15n],
      [stream(6), 30n],
    ]
    expect(divided(100n, shares)).toEqual({ 2: 10n, 4: 30n, 6: 60n })
  })

  it('gives the rest to the lowest open stream of the connection, in the packet or not', () => {
    const shares = (): [Stream, bigint][] => [
      [stream(5), 1n],
      [stream(3), 1n],
    ]
    expect(divided(3n, shares())).toEqual({ 3: 2n, 5: 1n })
    expect(divided(3n, shares(), [stream(7), stream(1)])).toEqual({ 1: 1n, 3: 1n, 5: 1n })
    expect(divided(3n, shares(), [stream(1, 0n, true)])).toEqual({ 3: 2n, 5: 1n })
    expect(divided(3n, shares(), [stream(1, UINT64_MAX)])).toEqual({ 3: 2n, 5: 1n })
  })

  it('is refused when a total would pass 64 bits', () => {
    expect(divided(2n, [[stream(1, UINT64_MAX - 2n), 1n]])).toEqual({ 1: 2n })
    expect(divided(3n, [[stream(1, UINT64_MAX - 2n), 1n]])).toBe('no room')
    const full: [Stream, bigint][] = [
      [stream(1, UINT64_MAX - 1n), 1n],
      [stream(3, UINT64_MAX - 1n), 1n],
    ]
    expect(divided(3n, full)).toBe('no room')
  })

  it('takes nothing for nobody', () => {
    expect(divided(0n, [])).toEqual({})
    expect(divided(0n, [[stream(1), 0n]])).toEqual({ 1: 0n })
  })
})
