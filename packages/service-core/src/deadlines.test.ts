import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Deadline, Deadlines } from './index.js'

const START_MS = Date.UTC(2030, 0, 1)
const LATE_MAX_MS = 20
/** The wheel's slots times their length: how far ahead it sees in one turn. */
const TURN_MS = 4 * 8_192

describe('Deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: START_MS })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Notes when it is called, in milliseconds since the start. */
  const noting = (times: number[]) => ({ onDeadline: () => void times.push(Date.now() - START_MS) })

  it('calls once, never early and at most 20 ms late', () => {
    for (const afterMs of [1, 2, 3, 4, 5, 7, 8, 100, 999, 1_000, TURN_MS - 1, TURN_MS, TURN_MS + 1]) {
      vi.setSystemTime(START_MS)
      const times: number[] = []
      new Deadlines().set(START_MS + afterMs, noting(times))
      vi.advanceTimersByTime(afterMs - 1)
      expect(times).toEqual([])
      vi.advanceTimersByTime(1 + LATE_MAX_MS)
      expect(times).toHaveLength(1)
      vi.advanceTimersByTime(2 * TURN_MS)
      expect(times).toHaveLength(1)
    }
  })

  it.each([0, -1, -1_000_000, -START_MS, -START_MS - 62_167_219_200_000])(
    'calls at once for a deadline %i ms ago, but not within set',
    agoMs => {
      const times: number[] = []
      new Deadlines().set(START_MS + agoMs, noting(times))
      expect(times).toEqual([])
      vi.advanceTimersByTime(LATE_MAX_MS)
      expect(times).toHaveLength(1)
    },
  )

  it('waits for deadlines many turns of the wheel away', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    deadlines.set(START_MS + 3 * TURN_MS + 2, noting(times))
    deadlines.set(Date.UTC(9999, 11, 31), noting(times))
    vi.advanceTimersByTime(3 * TURN_MS + 1)
    expect(times).toEqual([])
    vi.advanceTimersByTime(LATE_MAX_MS)
    expect(times).toHaveLength(1)
    expect(deadlines.size).toBe(1)
  })

  it('does not call what was cleared, and lets it be cleared again', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    const first = deadlines.set(START_MS + 10, noting(times))
    const second = deadlines.set(START_MS + 10, noting(times))
    expect(deadlines.size).toBe(2)
    first.clear()
    first.clear()
    expect(deadlines.size).toBe(1)
    vi.advanceTimersByTime(100)
    expect(times).toHaveLength(1)
    second.clear()
    expect(deadlines.size).toBe(0)
  })

  it('has one timer while something waits, and none when nothing does', () => {
    const deadlines = new Deadlines()
    expect(vi.getTimerCount()).toBe(0)
    const waiting = Array.from({ length: 100 }, (_, i) => deadlines.set(START_MS + 1_000 * i, noting([])))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(50_500)
    expect(deadlines.size).toBe(49)
    expect(vi.getTimerCount()).toBe(1)
    for (const deadline of waiting) deadline.clear()
    expect(deadlines.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
    deadlines.set(START_MS + 60_000, noting([]))
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is on time after it had nothing to wait for', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    deadlines.set(START_MS + 10, noting(times))
    vi.advanceTimersByTime(10 * TURN_MS + 1)
    deadlines.set(START_MS + 10 * TURN_MS + 10, noting(times))
    vi.advanceTimersByTime(9 + LATE_MAX_MS)
    expect(times).toHaveLength(2)
    expect(times[1]).toBeGreaterThanOrEqual(10 * TURN_MS + 10)
  })

  it('lets a deadline be set within onDeadline, even one that has passed', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    let left = 5
    const again = {
      onDeadline: () => {
        times.push(Date.now() - START_MS)
        left -= 1
        if (left > 0) deadlines.set(Date.now() - 1, again)
      },
    }
    deadlines.set(START_MS + 5, again)
    vi.advanceTimersByTime(5 + 5 * LATE_MAX_MS)
    expect(times).toHaveLength(5)
    expect(vi.getTimerCount()).toBe(0)
  })

  it("does not call what another's onDeadline clears in the same turn", () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    let others: Deadline[] = []
    deadlines.set(START_MS + 8, {
      onDeadline: () => {
        for (const other of others) other.clear()
      },
    })
    others = [START_MS + 8, START_MS + 8, START_MS + 12].map(dueMs => deadlines.set(dueMs, noting(times)))
    vi.advanceTimersByTime(100)
    expect(times).toEqual([])
    expect(deadlines.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets onDeadline clear its own deadline', () => {
    const deadlines = new Deadlines()
    const own = deadlines.set(START_MS + 8, { onDeadline: () => own.clear() })
    deadlines.set(START_MS + 100, noting([]))
    vi.advanceTimersByTime(50)
    expect(deadlines.size).toBe(1)
  })

  it('keeps to one timer when onDeadline clears the last deadline and sets another', () => {
    const deadlines = new Deadlines()
    let last = deadlines.set(START_MS + 10_000, noting([]))
    let rounds = 0
    const swap = {
      onDeadline: () => {
        last.clear()
        last = deadlines.set(Date.now() + 10_000, noting([]))
        rounds += 1
        if (rounds < 10) deadlines.set(Date.now() + 4, swap)
      },
    }
    deadlines.set(START_MS + 4, swap)
    vi.advanceTimersByTime(200)
    expect(rounds).toBe(10)
    expect(deadlines.size).toBe(1)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('goes on after an onDeadline that throws, and calls the others', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    const broken = {
      onDeadline: () => {
        throw new Error('a bug')
      },
    }
    deadlines.set(START_MS + 8, noting(times))
    deadlines.set(START_MS + 8, broken)
    deadlines.set(START_MS + 8, noting(times))
    deadlines.set(START_MS + 40, noting(times))
    expect(() => vi.advanceTimersByTime(12)).toThrow('a bug')
    vi.advanceTimersByTime(100)
    expect(times).toHaveLength(3)
    expect(deadlines.size).toBe(0)
  })

  it('is on time after the clock was set back, and after it was set forward', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    deadlines.set(START_MS + 10_000, noting(times))
    vi.advanceTimersByTime(1_000)
    vi.setSystemTime(START_MS - 60_000)
    deadlines.set(START_MS - 60_000 + 20, noting(times))
    vi.advanceTimersByTime(20 + LATE_MAX_MS)
    expect(times).toHaveLength(1)
    deadlines.set(START_MS - 60_000 + 100, noting(times))
    vi.advanceTimersByTime(100)
    expect(times).toHaveLength(2)
    vi.setSystemTime(START_MS + 10_000)
    vi.advanceTimersByTime(LATE_MAX_MS)
    expect(times).toHaveLength(3)
  })

  it('calls everything that is due after the process was held up for longer than a turn', () => {
    const times: number[] = []
    const deadlines = new Deadlines()
    for (let i = 1; i <= 1_000; i++) deadlines.set(START_MS + i * 100, noting(times))
    vi.setSystemTime(START_MS + 100_000)
    vi.advanceTimersByTime(LATE_MAX_MS)
    expect(times).toHaveLength(1_000)
  })

  it('calls each of thousands in its time, and none of those cleared', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: -10, max: 2 * TURN_MS }),
      clearMs: fc.nat(3 * TURN_MS),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1_000, maxLength: 3_000 }), steps => {
        vi.setSystemTime(START_MS)
        const deadlines = new Deadlines()
        const called = steps.map(() => -1)
        const handles = steps.map(({ afterMs }, i) =>
          deadlines.set(START_MS + afterMs, {
            onDeadline: () => {
              called[i] = Date.now() - START_MS
            },
          }),
        )
        for (let ms = 0; ms < 3 * TURN_MS; ms += 500) {
          vi.advanceTimersByTime(500)
          steps.forEach(({ clearMs }, i) => {
            if (clearMs >= ms && clearMs < ms + 500) (handles[i] as Deadline).clear()
          })
        }
        steps.forEach(({ afterMs, clearMs }, i) => {
          const at = called[i] as number
          const clearedAtMs = (Math.floor(clearMs / 500) + 1) * 500
          if (at < 0) expect(clearedAtMs).toBeLessThanOrEqual(afterMs + LATE_MAX_MS)
          else {
            expect(at).toBeGreaterThanOrEqual(afterMs)
            expect(at).toBeLessThanOrEqual(Math.max(0, afterMs) + LATE_MAX_MS)
          }
        })
        expect(deadlines.size).toBe(0)
        expect(vi.getTimerCount()).toBe(0)
      }),
      { numRuns: 3 },
    )
  })
})

describe('Deadlines by the real clock', () => {
  it('calls hundreds, none early, and not later than timers of their own by more than 20 ms', async () => {
    const deadlines = new Deadlines()
    const startMs = Date.now()
    const late = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const dueMs = startMs + (i % 150)
        const timer = new Promise<number>(resolve =>
          setTimeout(() => resolve(Date.now()), dueMs - Date.now()),
        )
        const deadline = new Promise<number>(resolve =>
          deadlines.set(dueMs, { onDeadline: () => resolve(Date.now()) }),
        )
        const calledMs = await deadline
        expect(calledMs).toBeGreaterThanOrEqual(dueMs)
        return calledMs - (await timer)
      }),
    )
    // A machine with other work to do holds up one or another of them: the middle speaks for the wheel.
    expect(late.sort((a, b) => a - b)[150]).toBeLessThanOrEqual(LATE_MAX_MS)
    expect(deadlines.size).toBe(0)
  })
})
