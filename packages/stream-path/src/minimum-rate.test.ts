import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MinimumRate } from './minimum-rate.js'

describe('the minimum of packets', () => {
  it('is rounded down once, and up until that is made up for', () => {
    const minimum = new MinimumRate({ delivered: 1n, sent: 2n })
    const least = minimum.of(3n)
    expect(least).toBe(1n)
    minimum.hold(3n, least)
    // Half a unit may be lost yet.
    expect(minimum.of(3n)).toBe(1n)
    minimum.hold(3n, 1n)
    expect(minimum.of(3n)).toBe(2n)
    minimum.release(3n, 1n)
    expect(minimum.of(3n)).toBe(1n)
  })

  it('is exact where nothing has to be rounded', () => {
    const minimum = new MinimumRate({ delivered: 3n, sent: 4n })
    for (let i = 0; i < 10; i++) {
      expect(minimum.of(400n)).toBe(300n)
      minimum.hold(400n, 300n)
    }
  })

  it('is rounded down again when packets have brought more than they had to', () => {
    const minimum = new MinimumRate({ delivered: 1n, sent: 2n })
    for (let i = 0; i < 2; i++) minimum.hold(3n, 1n)
    expect(minimum.of(3n)).toBe(2n)
    minimum.settle(3n, 1n, 2n)
    expect(minimum.of(3n)).toBe(1n)
  })

  it('is nothing at a rate of nothing', () => {
    expect(new MinimumRate({ delivered: 0n, sent: 1n }).of(2n ** 64n - 1n)).toBe(0n)
  })

  it('adds up to the rate, but for one unit, whichever packets are fulfilled and in which order', () => {
    const amount = fc.bigInt(1n, 10n ** 6n)
    const step = fc.oneof(
      fc.record({ does: fc.constant('send' as const), amount }),
      fc.record({ does: fc.constant('settle' as const), at: fc.nat(), more: fc.bigInt(0n, 3n) }),
      fc.record({ does: fc.constant('release' as const), at: fc.nat() }),
    )
    const rate = fc.record({ delivered: fc.bigInt(0n, 1_000n), sent: fc.bigInt(1n, 1_000n) })
    fc.assert(
      fc.property(rate, fc.array(step, { maxLength: 60 }), (least, steps) => {
        const minimum = new MinimumRate(least)
        const flying: { readonly amount: bigint; readonly due: bigint }[] = []
        let [sent, delivered] = [0n, 0n]
        for (const one of steps) {
          if (one.does === 'send') {
            const due = minimum.of(one.amount)
            minimum.hold(one.amount, due)
            flying.push({ amount: one.amount, due })
          } else if (flying.length > 0) {
            const [packet] = flying.splice(one.at % flying.length, 1) as [(typeof flying)[number]]
            if (one.does === 'release') minimum.release(packet.amount, packet.due)
            else {
              minimum.settle(packet.amount, packet.due, packet.due + one.more)
              sent += packet.amount
              delivered += packet.due + one.more
            }
          }
          // `(delivered + 1) / sent` is no less than the rate.
          expect((delivered + 1n) * least.sent).toBeGreaterThanOrEqual(sent * least.delivered)
        }
      }),
      { numRuns: 300 },
    )
  })
})
