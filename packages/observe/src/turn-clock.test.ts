import { expect, it } from 'vitest'
import { turnClock } from './turn-clock.js'

it('stands still for a turn of the event loop, promises included, and goes on with the next', async () => {
  let reads = 0
  const now = turnClock(() => ++reads)
  expect([now(), now()]).toEqual([1, 1])
  await Promise.resolve()
  expect(now()).toBe(1)
  await new Promise(resolve => setImmediate(resolve))
  expect([now(), now()]).toEqual([2, 2])
})

it('never goes back', async () => {
  const now = turnClock()
  let before = now()
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => setTimeout(resolve, turn % 2))
    expect(now()).toBeGreaterThan(before)
    before = now()
  }
})
