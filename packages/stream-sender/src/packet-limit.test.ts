import { amountTooLarge } from '@ilp/service-core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PacketLimit } from './packet-limit.js'

/** What a node rejects with that received so much, and takes no more than that. */
const details = (received: bigint, maximum: bigint) =>
  amountTooLarge('test.node', 'too large', received, maximum).data
const NONE = Buffer.alloc(0)

/** Looks for the limit of a path that tells none, and gives what was found, with the number of packets. */
function search(limit: PacketLimit, wanted: bigint, pathMax: bigint): { max: bigint; packets: number } {
  for (let packets = 0; ; packets++) {
    const amount = limit.next(wanted)
    if (amount === undefined) {
      limit.settle()
      return { max: limit.max, packets }
    }
    if (amount <= pathMax) limit.passed(amount)
    else limit.tooLarge(amount, NONE)
  }
}

describe('the packet limit', () => {
  it('is none at first: what is wanted is tried', () => {
    const limit = new PacketLimit()
    expect(limit.next(1_000n)).toBe(1_000n)
    limit.passed(1_000n)
    expect(limit.next(1_000n)).toBeUndefined()
    expect(limit.next(999n)).toBeUndefined()
    expect(limit.next(1_001n)).toBe(1_001n)
    expect(limit.max).toBe(2n ** 64n - 1n)
  })

  it('is what a node tells, in the sender’s unit, rounded down', () => {
    const limit = new PacketLimit()
    limit.tooLarge(1_000n, details(3_000n, 1_000n))
    expect([limit.max, limit.next(1_000n)]).toEqual([333n, 333n])
    limit.passed(333n)
    expect(limit.next(1_000n)).toBeUndefined()
  })

  it('never rises, and forgets what has passed before when it falls below', () => {
    const limit = new PacketLimit()
    limit.passed(500n)
    limit.tooLarge(1_000n, details(1_000n, 400n))
    expect(limit.next(1_000n)).toBe(400n)
    limit.tooLarge(1_000n, details(1_000n, 450n))
    expect(limit.max).toBe(400n)
  })

  it('is below what was refused when the data tells nothing, or nonsense', () => {
    for (const data of [NONE, Buffer.alloc(15), details(1_000n, 1_000n), details(1n, 2n ** 64n - 1n)]) {
      const limit = new PacketLimit()
      limit.tooLarge(1_000n, data)
      expect(limit.max).toBe(999n)
    }
    const limit = new PacketLimit()
    limit.tooLarge(0n, NONE)
    expect(limit.max).toBe(0n)
  })

  it('that nobody tells is closed in on from below, to an eighth', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n - 1n), fc.bigInt(1n, 2n ** 64n - 1n), (wanted, pathMax) => {
        const { max, packets } = search(new PacketLimit(), wanted, pathMax)
        if (pathMax >= wanted) expect(packets).toBe(1)
        else {
          expect(max).toBeLessThanOrEqual(pathMax)
          expect(max * 8n).toBeGreaterThanOrEqual(pathMax * 7n)
        }
        expect(packets).toBeLessThan(40)
      }),
    )
  })

  it('is half of what was refused when guessing ends before anything has passed', () => {
    const limit = new PacketLimit()
    limit.tooLarge(1_000n, NONE)
    limit.settle()
    expect(limit.max).toBe(499n)
    limit.settle()
    expect(limit.max).toBe(499n)
  })
})
