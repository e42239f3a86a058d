import { recordingLogger } from '@ilp/service-testing'
import type { RateStore, StoredRates } from '@ilp/store-traits'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RateProvider } from './provider.js'
import { createRatePoller, type RatePollerOptions } from './rate-poller.js'

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }))
afterEach(() => void vi.useRealTimers())

/** A store that keeps the newest. */
function fakeStore(): Pick<RateStore, 'get' | 'set'> & { fails: boolean } {
  let stored: StoredRates | undefined
  const store = {
    fails: false,
    get: () => stored,
    set: async (rates: StoredRates) => {
      if (store.fails) throw new Error('out of reach')
      if (stored === undefined || rates.asOfMs > stored.asOfMs) stored = rates
    },
  }
  return store
}

function scene(options: Partial<RatePollerOptions> = { pollIntervalMs: 10_000, retryMinMs: 1_000 }) {
  const store = fakeStore()
  const logger = recordingLogger()
  const askedAtMs: number[] = []
  const begun = Date.now()
  const state = { isDown: false }
  const provider: RateProvider = {
    fetch: async (nowMs, signal) => {
      askedAtMs.push(nowMs - begun)
      signal.throwIfAborted()
      if (state.isDown) throw new Error('down')
      return { rates: { USD: `${askedAtMs.length}` }, asOfMs: nowMs }
    },
  }
  const poller = (random = 0.5) =>
    createRatePoller({ provider, store, logger, random: () => random }, options)
  return { store, logger, askedAtMs, state, poller, begun }
}

describe('a poller', () => {
  test('keeps the store up to date from its start on', async () => {
    const { store, askedAtMs, poller, begun } = scene()
    const polling = poller()
    await polling.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(store.get()).toEqual({ rates: { USD: '1' }, asOfMs: begun })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(store.get()).toEqual({ rates: { USD: '3' }, asOfMs: begun + 20_000 })
    expect(askedAtMs).toEqual([0, 10_000, 20_000])
    await polling.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(askedAtMs).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('asks a tenth earlier or later, so that many don’t ask at once', async () => {
    for (const [random, nextMs] of [
      [0, 9_000],
      [0.999, 10_998],
    ] as const) {
      const { askedAtMs, poller } = scene()
      await using polling = poller(random)
      await polling.start()
      await vi.advanceTimersByTimeAsync(11_000)
      expect(askedAtMs).toEqual([0, nextMs])
    }
  })

  test('pauses longer after each failure, up to the interval, and says once that there is one', async () => {
    const { store, askedAtMs, logger, state, poller } = scene()
    state.isDown = true
    await using polling = poller(0.999_999)
    await polling.start()
    await vi.advanceTimersByTimeAsync(36_000)
    expect(askedAtMs.map(ms => Math.round(ms / 1_000))).toEqual([0, 1, 3, 7, 15, 25, 35])
    expect(logger.entries.map(({ level }) => level)).toEqual(['warn'])
    state.isDown = false
    await vi.advanceTimersByTimeAsync(10_000)
    expect(store.get()).toBeDefined()
    expect(logger.entries.map(({ level }) => level)).toEqual(['warn', 'info'])
    state.isDown = true
    await vi.advanceTimersByTimeAsync(12_000)
    expect(logger.entries.map(({ level }) => level)).toEqual(['warn', 'info', 'warn'])
  })

  test('takes a store out of reach as it takes a provider out of reach', async () => {
    const { store, askedAtMs, logger, poller } = scene()
    store.fails = true
    await using polling = poller()
    await polling.start()
    await vi.advanceTimersByTimeAsync(1_000)
    store.fails = false
    await vi.advanceTimersByTimeAsync(1_500)
    expect(askedAtMs).toEqual([0, 750, 2_250])
    expect(store.get()?.rates).toEqual({ USD: '3' })
    expect(logger.entries.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  test('leaves the provider alone while another process asks it', async () => {
    const { store, askedAtMs, poller, begun } = scene()
    await using first = poller(0.2)
    await using second = poller(0.9)
    await first.start()
    await vi.advanceTimersByTimeAsync(1_000)
    await second.start()
    await vi.advanceTimersByTimeAsync(99_000)
    // One request each 9.4 s, and all of them are the first one's.
    expect(askedAtMs).toHaveLength(11)
    expect(store.get()?.asOfMs).toBe(begun + 94_000)
    await first.stop()
    await vi.advanceTimersByTimeAsync(12_000)
    expect(askedAtMs).toHaveLength(12)
  })

  test('stops while a request is under way, which it ends', async () => {
    const { store, logger, poller } = scene()
    let ended = false
    const provider: RateProvider = {
      fetch: (_, signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => {
            ended = true
            reject(signal.reason as Error)
          }),
        ),
    }
    const polling = createRatePoller({ provider, store, logger })
    await polling.start()
    await polling.stop()
    expect(ended).toBe(true)
    expect(logger.entries).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    await poller().stop()
  })

  test.each([{ pollIntervalMs: 0 }, { pollIntervalMs: 86_400_001 }, { retryMinMs: 1.5 }])(
    'refuses %o',
    options => {
      expect(() => scene(options).poller()).toThrow(RangeError)
    },
  )
})
