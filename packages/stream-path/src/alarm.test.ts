import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Alarm, nextTurn, type Timers } from './alarm.js'

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
afterEach(() => void vi.useRealTimers())

it('rings once, at the earliest time that was set', () => {
  const ring = vi.fn()
  const alarm = new Alarm(globalThis, ring)
  alarm.set(1_500, 1_000)
  alarm.set(1_200, 1_000)
  alarm.set(1_900, 1_000)
  vi.advanceTimersByTime(199)
  expect(ring).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(ring).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(10_000)
  expect([ring.mock.calls.length, vi.getTimerCount()]).toEqual([1, 0])
})

it('can be set again when it has rung, and at once for what is over', () => {
  const ring = vi.fn()
  const alarm = new Alarm(globalThis, ring)
  alarm.set(1_100, 1_000)
  vi.advanceTimersByTime(100)
  alarm.set(500, 1_100)
  vi.advanceTimersByTime(0)
  expect(ring).toHaveBeenCalledTimes(2)
})

it('does not ring when it was cleared', () => {
  const ring = vi.fn()
  const alarm = new Alarm(globalThis, ring)
  alarm.set(1_100, 1_000)
  alarm.clear()
  expect(vi.getTimerCount()).toBe(0)
  alarm.set(1_200, 1_000)
  vi.advanceTimersByTime(1_000)
  expect(ring).toHaveBeenCalledOnce()
})

it('takes times that no timer can, and none', () => {
  const ring = vi.fn()
  const alarm = new Alarm(globalThis, ring)
  alarm.set(Number.POSITIVE_INFINITY, 1_000)
  expect(vi.getTimerCount()).toBe(0)
  alarm.set(10 ** 15, 1_000)
  vi.advanceTimersByTime(2 ** 31 - 1)
  expect(ring).toHaveBeenCalledOnce()
})

it('the next turn comes with whatever the platform has', () => {
  const called = vi.fn()
  const { setTimeout, clearTimeout } = globalThis
  const few: Timers = { setTimeout, clearTimeout }
  nextTurn(globalThis, called)
  nextTurn(few, called)
  expect(called).not.toHaveBeenCalled()
  vi.runAllTimers()
  expect(called).toHaveBeenCalledTimes(2)
})
