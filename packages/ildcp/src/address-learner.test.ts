import type { Configuration } from '@ilp/ildcp-packet'
import { recordingLogger } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type AddressLearnerOptions, createAddressLearner } from './address-learner.js'

const CONFIGURATION: Configuration = { address: 'test.parent.me', asset: { code: 'USD', scale: 9 } }

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

/** A learner whose parent answers with what `answers` has, then with the last of them, and notes when it was asked. */
function setUp(answers: (Configuration | Error)[], options?: Partial<AddressLearnerOptions>) {
  const askedAtMs: number[] = []
  const learned: Configuration[] = []
  const logger = recordingLogger()
  const learner = createAddressLearner(
    {
      fetch: async () => {
        askedAtMs.push(Date.now())
        const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Configuration | Error
        if (answer instanceof Error) throw answer
        return answer
      },
      learned: async configuration => void learned.push(configuration),
      logger,
    },
    options,
  )
  return { askedAtMs, learned, learner, logger }
}

const lost = new Error('the parent is down')

describe('a parent that answers', () => {
  test('is asked at the start, and every minute from then on', async () => {
    const moved = { ...CONFIGURATION, address: 'test.parent.moved' }
    const { askedAtMs, learned, learner } = setUp([CONFIGURATION, moved])
    await learner.start()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(askedAtMs).toEqual([0, 60_000])
    expect(learned).toEqual([CONFIGURATION, moved])
    await learner.stop()
  })

  test('is asked at once when its link has come back', async () => {
    const { askedAtMs, learner } = setUp([CONFIGURATION])
    await learner.start()
    await vi.advanceTimersByTimeAsync(500)
    learner.askNow()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(askedAtMs).toEqual([0, 500, 60_500])
    await learner.stop()
  })

  test('is asked one question at a time, and once more when it may have changed since', async () => {
    const asked: ((configuration: Configuration) => void)[] = []
    const learned: Configuration[] = []
    const learner = createAddressLearner({
      fetch: () => new Promise(resolve => asked.push(resolve)),
      learned: async configuration => void learned.push(configuration),
      logger: recordingLogger(),
    })
    await learner.start()
    learner.askNow()
    learner.askNow()
    expect(asked).toHaveLength(1)
    asked[0]?.(CONFIGURATION)
    await vi.advanceTimersByTimeAsync(0)
    expect(asked).toHaveLength(2)
    const moved = { ...CONFIGURATION, address: 'test.parent.moved' }
    asked[1]?.(moved)
    await vi.advanceTimersByTimeAsync(59_999)
    expect(asked).toHaveLength(2)
    expect(learned).toEqual([CONFIGURATION, moved])
    await learner.stop()
  })
})

describe('a parent that does not', () => {
  test('keeps nobody from starting', async () => {
    const learner = createAddressLearner({
      fetch: () => new Promise(() => {}),
      learned: async () => {},
      logger: recordingLogger(),
    })
    await learner.start()
    await learner.stop()
  })

  test('is asked again after pauses that grow up to their limit, and said to be lost once', async () => {
    const { askedAtMs, learned, learner, logger } = setUp(
      [lost, lost, lost, lost, lost, lost, CONFIGURATION],
      { retryMinMs: 100, retryMaxMs: 1_000 },
    )
    await learner.start()
    await vi.advanceTimersByTimeAsync(5_000)
    const pauses = askedAtMs.slice(1).map((time, i) => time - (askedAtMs[i] as number))
    expect(pauses).toHaveLength(6)
    for (const [i, limit] of [100, 200, 400, 800, 1_000, 1_000].entries()) {
      expect(pauses[i]).toBeGreaterThanOrEqual(limit / 2)
      expect(pauses[i]).toBeLessThanOrEqual(limit)
    }
    expect(learned).toEqual([CONFIGURATION])
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { err: lost } }])
    await learner.stop()
  })

  test('is said to be lost again when it had answered in between', async () => {
    const { learner, logger } = setUp([lost, CONFIGURATION, lost], { refreshIntervalMs: 1_000 })
    await learner.start()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(logger.entries).toHaveLength(2)
    await learner.stop()
  })
})

test('a configuration that could not be taken is asked for again', async () => {
  let attempts = 0
  const learner = createAddressLearner({
    fetch: async () => CONFIGURATION,
    learned: async () => {
      attempts += 1
      if (attempts === 1) throw new Error('the store is down')
    },
    logger: recordingLogger(),
  })
  await learner.start()
  await vi.advanceTimersByTimeAsync(200)
  expect(attempts).toBe(2)
  await learner.stop()
})

describe('stop', () => {
  test('ends the asking, and leaves no timer behind', async () => {
    const { askedAtMs, learner } = setUp([lost])
    await learner.start()
    await vi.advanceTimersByTimeAsync(0)
    await learner.stop()
    learner.askNow()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(askedAtMs).toEqual([0])
  })

  test('does not wait for the parent, and takes nothing that it says afterwards', async () => {
    let answer = (_: Configuration) => {}
    const learned: Configuration[] = []
    const learner = createAddressLearner({
      fetch: () =>
        new Promise(resolve => {
          answer = resolve
        }),
      learned: async configuration => void learned.push(configuration),
      logger: recordingLogger(),
    })
    await learner.start()
    await learner.stop()
    answer(CONFIGURATION)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(learned).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('waits for what is being taken', async () => {
    let finish = () => {}
    const learner = createAddressLearner({
      fetch: async () => CONFIGURATION,
      learned: () =>
        new Promise(resolve => {
          finish = resolve
        }),
      logger: recordingLogger(),
    })
    await learner.start()
    await vi.advanceTimersByTimeAsync(0)
    let isStopped = false
    const stopped = learner.stop().then(() => {
      isStopped = true
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(isStopped).toBe(false)
    finish()
    await stopped
  })
})

test.each([{ retryMinMs: 0 }, { retryMaxMs: Number.NaN }, { refreshIntervalMs: 0.5 }])(
  'the options %j are refused',
  options => {
    expect(() => setUp([CONFIGURATION], options)).toThrow(RangeError)
  },
)
