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
    const amount = limit.probe(wanted)
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
    expect(limit.probe(1_000n)).toBe(1_000n)
    limit.passed(1_000n)
    expect(limit.probe(1_000n)).toBeUndefined()
    expect(limit.probe(999n)).toBeUndefined()
    expect(limit.probe(1_001n)).toBe(1_001n)
    expect(limit.max).toBe(2n ** 64n - 1n)
  })

  it('is what a node tells, in the sender’s unit, rounded down', () => {
    const limit = new PacketLimit()
    limit.tooLarge(1_000n, details(3_000n, 1_000n))
    expect([limit.max, limit.probe(1_000n)]).toEqual([333n, 333n])
    limit.passed(333n)
    expect(limit.probe(1_000n)).toBeUndefined()
  })

  it('is not raised by what a node tells, and forgets what has passed before when it falls below', () => {
    const limit = new PacketLimit()
    limit.passed(500n)
    limit.tooLarge(1_000n, details(1_000n, 400n))
    expect(limit.probe(1_000n)).toBe(400n)
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

describe('a larger packet', () => {
  /** Sends packets of `next` on a path with this maximum, and gives how many of them were refused. */
  function run(limit: PacketLimit, packets: number, pathMax: bigint, tells = true): number {
    let refused = 0
    for (let i = 0; i < packets; i++) {
      const amount = limit.next
      limit.sent(amount)
      if (amount <= pathMax) limit.passed(amount)
      else {
        refused += 1
        limit.tooLarge(amount, tells ? details(amount * 2n, pathMax * 2n) : NONE)
        limit.settle()
      }
    }
    return refused
  }

  it('is tried after 64 full ones, and then after twice as many each time, up to 512', () => {
    const limit = new PacketLimit()
    limit.tooLarge(10_000n, details(10_000n, 1_000n))
    const tried: number[] = []
    for (let i = 0; i < 1_600; i++) {
      if (run(limit, 1, 1_000n) > 0) tried.push(i)
    }
    expect(tried).toEqual([64, 64 + 129, 64 + 129 + 257, 64 + 129 + 257 + 513, 64 + 129 + 257 + 513 + 513])
    expect(limit.max).toBe(1_000n)
  })

  it('is not tried when packets are not full, nor twice at a time', () => {
    const limit = new PacketLimit()
    limit.tooLarge(10_000n, details(10_000n, 1_000n))
    for (let i = 0; i < 1_000; i++) limit.passed(800n)
    expect(limit.next).toBe(1_000n)
    for (let i = 0; i < 64; i++) limit.passed(900n)
    expect(limit.next).toBe(2_000n)
    limit.sent(1_999n)
    for (let i = 0; i < 63; i++) limit.passed(1_000n)
    expect(limit.next).toBe(1_000n)
    // Nothing was heard of it.
    limit.passed(1_000n)
    expect(limit.next).toBe(2_000n)
  })

  it('that passes is the new limit, and another is tried at once', () => {
    const limit = new PacketLimit()
    limit.tooLarge(10_000n, details(10_000n, 1_000n))
    run(limit, 64, 1_000n)
    expect(run(limit, 5, 2n ** 60n)).toBe(0)
    expect(limit.max).toBe(32_000n)
  })

  it('that is refused tells how much more passes', () => {
    const limit = new PacketLimit()
    limit.tooLarge(10_000n, details(10_000n, 1_000n))
    run(limit, 64, 1_000n)
    expect(run(limit, 1, 1_500n)).toBe(1)
    expect(limit.max).toBe(1_500n)
  })

  it('is never larger than the sender’s own limit', () => {
    const limit = new PacketLimit(1_700n)
    expect([limit.max, limit.next]).toEqual([1_700n, 1_700n])
    limit.tooLarge(1_700n, details(1_700n, 1_000n))
    run(limit, 64, 1_000n)
    expect(limit.next).toBe(1_700n)
    expect(run(limit, 1_000, 5_000n)).toBe(0)
    expect(limit.next).toBe(1_700n)
  })

  it('that arrives although a smaller one was refused meanwhile is no news', () => {
    const limit = new PacketLimit()
    limit.sent(1_000n)
    limit.tooLarge(1_000n, details(1_000n, 77n))
    limit.passed(1_000n)
    expect([limit.max, limit.verified]).toEqual([77n, 0n])
  })

  it('is found whatever the path takes and whatever it took before, with few that are refused', () => {
    const pathMax = fc.bigInt(1n, 2n ** 50n)
    fc.assert(
      fc.property(pathMax, pathMax, fc.boolean(), (before, after, tells) => {
        const limit = new PacketLimit(2n ** 52n)
        expect(run(limit, 700, before, tells)).toBeLessThan(70)
        expect(limit.max).toBeLessThanOrEqual(before)
        if (before > 16n) expect(limit.max * 8n).toBeGreaterThanOrEqual(before * 6n)
        // No more than half of it is given away.
        expect(run(limit, 1_500, after, tells)).toBeLessThan(80)
        expect(limit.max).toBeLessThanOrEqual(after)
        expect(limit.max * 2n).toBeGreaterThanOrEqual(after > 16n ? after : 0n)
      }),
    )
  })
})
