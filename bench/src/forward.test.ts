import { expect, it } from 'vitest'
import { forward, forwardByIlpPacket, forwardMeasurement, prepares } from './forward.js'

it('compares like with like: both sides give the same bytes out', () => {
  for (const packet of prepares(200, 20)) {
    const forwarded = forward(packet)
    expect(forwarded.equals(packet)).toBe(false)
    expect(forwarded.equals(forwardByIlpPacket(packet))).toBe(true)
  }
})

it('measures both sides in each round', async () => {
  const { ours, peer, remarks } = await forwardMeasurement.run({
    rounds: 3,
    roundMs: 10,
    warmupMs: 1,
    share: 1,
  })
  expect(ours).toHaveLength(3)
  expect(peer).toHaveLength(3)
  expect(Math.min(...ours, ...peer)).toBeGreaterThan(0)
  expect(remarks.join()).toMatch(/ratio is \d/)
})
