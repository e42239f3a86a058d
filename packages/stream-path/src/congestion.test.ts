import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Congestion } from './congestion.js'

const AMOUNT_LIMIT = 1_000_000n

const start = ({ windowMax = 100, chance = 0.5 } = {}) =>
  new Congestion(windowMax, AMOUNT_LIMIT, () => chance)

/** Lets so many packets through. */
const pass = (congestion: Congestion, packets: number, amount = 1n, underWay = amount) => {
  for (let i = 0; i < packets; i++) congestion.onFulfill(amount, underWay)
}

describe('the window of packets', () => {
  it('grows by one with each that gets through, up to the limit', () => {
    const congestion = start({ windowMax: 15 })
    expect(congestion.window).toBe(10)
    pass(congestion, 3)
    expect(congestion.window).toBe(13)
    pass(congestion, 10)
    expect(congestion.window).toBe(15)
    expect(start({ windowMax: 3 }).window).toBe(3)
  })

  it('is halved by a refusal, and then grows by one in a round trip', () => {
    const congestion = start()
    pass(congestion, 10)
    congestion.onRefusal(5, 20, 0)
    expect(congestion.window).toBe(10)
    pass(congestion, 10)
    expect(congestion.window).toBeLessThanOrEqual(11)
    pass(congestion, 2)
    expect(congestion.window).toBe(11)
  })

  it('is halved once by the packets that were in flight together', () => {
    const congestion = start()
    pass(congestion, 10)
    expect(congestion.onRefusal(5, 20, 0)).toBe(true)
    for (let sequence = 6; sequence <= 20; sequence++) {
      expect(congestion.onRefusal(sequence, 20, 0)).toBe(false)
    }
    expect(congestion.window).toBe(10)
    expect(congestion.onRefusal(21, 30, 0)).toBe(true)
    expect(congestion.window).toBe(5)
  })

  it('is never below one', () => {
    const congestion = start()
    for (let sequence = 1; sequence < 20; sequence++) congestion.onRefusal(sequence, sequence, 0)
    expect(congestion.window).toBe(1)
  })
})

describe('pauses', () => {
  /** How long each refusal of a row has the sender wait. */
  const pauses = (congestion: Congestion, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => {
      congestion.onRefusal(from + i, from + i, 1_000)
      return congestion.pausedUntilMs - 1_000
    })

  it('double from refusal to refusal, up to four seconds, and are halved by what gets through', () => {
    const congestion = start()
    expect(pauses(congestion, 1, 12)).toEqual([10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 4_000, 4_000])
    pass(congestion, 2)
    expect(pauses(congestion, 12, 13)).toEqual([2_000])
    pass(congestion, 20)
    expect(pauses(congestion, 13, 14)).toEqual([10])
  })

  it('differ by chance, from half to one and a half', () => {
    expect(pauses(start({ chance: 0 }), 1, 3)).toEqual([5, 10])
    expect(pauses(start({ chance: 0.999_999 }), 1, 3)).toEqual([15, 30])
  })
})

describe('money in flight', () => {
  /** A shortage of a packet that was sent when so much was under way, with a sequence number of its own. */
  let sequence = 1_000
  const runShort = (congestion: Congestion, underWay: bigint): void => {
    sequence += 1
    congestion.onShortLiquidity(underWay, sequence, sequence, 0)
  }

  it('is halved when liquidity is short, and grows by a third of what gets through', () => {
    const congestion = start()
    expect(congestion.amountMax).toBe(AMOUNT_LIMIT)
    congestion.onShortLiquidity(30_000n, 1, 5, 0)
    expect([congestion.amountMax, congestion.window]).toEqual([15_000n, 10])
    expect(congestion.pausedUntilMs).toBe(10)
    congestion.onShortLiquidity(20_000n, 3, 9, 0)
    expect(congestion.amountMax).toBe(15_000n)
    congestion.onFulfill(3_000n, 3_000n)
    expect(congestion.amountMax).toBe(16_001n)
  })

  it('does not fall below what has been carried', () => {
    const congestion = start()
    pass(congestion, 5, 1_000n, 9_000n)
    runShort(congestion, 10_000n)
    expect(congestion.amountMax).toBe(9_000n)
  })

  it('grows slowly just below where it was refused, and is fast again above', () => {
    const congestion = start()
    pass(congestion, 1, 1_000n, 9_000n)
    runShort(congestion, 10_000n)
    congestion.onFulfill(1_600n, 9_000n)
    expect(congestion.amountMax).toBe(9_101n)
    congestion.onFulfill(16_000n, 9_000n)
    expect(congestion.amountMax).toBe(10_102n)
    congestion.onFulfill(3_000n, 9_000n)
    expect(congestion.amountMax).toBe(11_103n)
  })

  it('is left alone by a shortage at less than what has been carried, until there are more of them', () => {
    const congestion = start()
    runShort(congestion, 20_000n)
    pass(congestion, 1, 1_000n, 9_000n)
    const { amountMax, window } = congestion
    runShort(congestion, 8_000n)
    expect([congestion.amountMax, congestion.window]).toEqual([amountMax, window])
    // 4,500 are believed yet.
    runShort(congestion, 8_000n)
    expect(congestion.amountMax).toBe(4_500n)
    runShort(congestion, 4_500n)
    runShort(congestion, 4_500n)
    expect(congestion.amountMax).toBe(2_250n)
  })

  it('waits longer from one such shortage to the next', () => {
    const congestion = start()
    const pauses = [20_000n, 100n, 100n, 100n, 100n].map(underWay => {
      pass(congestion, 1, 100n, 100_000n)
      congestion.onShortLiquidity(underWay, ++sequence, sequence, 1_000)
      return congestion.pausedUntilMs - 1_000
    })
    // Each packet that gets through halves the pause.
    expect(pauses).toEqual([10, 10, 10, 10, 10])
    const others = [1, 2, 3, 4].map(() => {
      congestion.onShortLiquidity(100n, ++sequence, sequence, 1_000)
      return congestion.pausedUntilMs - 1_000
    })
    expect(others).toEqual([20, 40, 80, 160])
  })

  it('says nothing of data that gets through, and is not what a shortage without money is about', () => {
    const congestion = start()
    congestion.onFulfill(0n, 50_000n)
    runShort(congestion, 40_000n)
    expect(congestion.amountMax).toBe(20_000n)
    runShort(congestion, 0n)
    expect([congestion.amountMax, congestion.window]).toEqual([20_000n, 5])
  })

  it('never passes the amount of the payment', () => {
    const congestion = start()
    congestion.onShortLiquidity(AMOUNT_LIMIT, 1, 1, 0)
    pass(congestion, 100, AMOUNT_LIMIT)
    expect(congestion.amountMax).toBe(AMOUNT_LIMIT)
  })

  it('is not less than what is of use; then the window of packets gets smaller', () => {
    const congestion = start()
    congestion.atLeast(600n)
    congestion.onShortLiquidity(1_000n, 1, 1, 0)
    expect([congestion.amountMax, congestion.window]).toEqual([600n, 10])
    congestion.onShortLiquidity(600n, 2, 2, 0)
    expect([congestion.amountMax, congestion.window]).toEqual([600n, 5])
  })

  it('is raised to what turns out to be the least of use, within the payment', () => {
    const congestion = start()
    congestion.onShortLiquidity(10n, 1, 1, 0)
    expect(congestion.amountMax).toBe(5n)
    congestion.atLeast(50n)
    expect(congestion.amountMax).toBe(50n)
    congestion.atLeast(2n * AMOUNT_LIMIT)
    expect(congestion.amountMax).toBe(AMOUNT_LIMIT)
  })
})

it('stays within its bounds, whatever happens', () => {
  const event = fc.record({
    what: fc.constantFrom('fulfill', 'refuse', 'short', 'least'),
    amount: fc.bigInt(0n, 2n * AMOUNT_LIMIT),
    underWay: fc.bigInt(0n, 2n * AMOUNT_LIMIT),
    back: fc.nat(30),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (events, windowMax) => {
      const congestion = start({ windowMax })
      events.forEach(({ what, amount, underWay, back }, i) => {
        const sequence = Math.max(0, i - back)
        if (what === 'fulfill') congestion.onFulfill(amount, underWay)
        else if (what === 'refuse') congestion.onRefusal(sequence, i, i)
        else if (what === 'short') congestion.onShortLiquidity(underWay, sequence, i, i)
        else congestion.atLeast(amount + 1n)
        expect(congestion.window).toBeGreaterThanOrEqual(1)
        expect(congestion.window).toBeLessThanOrEqual(windowMax)
        expect(congestion.amountMax).toBeGreaterThanOrEqual(1n)
        expect(congestion.amountMax).toBeLessThanOrEqual(AMOUNT_LIMIT)
        expect(congestion.pausedUntilMs - i).toBeLessThanOrEqual(4_000)
      })
    }),
  )
})
