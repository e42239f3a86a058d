const HOUR_MS = 3_600_000
/** Turns without a timer after which nothing more is going to happen. */
const QUIET_MAX = 1_000

/** Fake timers, such as `vi` or `jest`, which also stand for `Date`. */
export interface FakeTimers {
  readonly advanceTimersToNextTimerAsync: () => Promise<unknown>
  readonly getTimerCount: () => number
}

/**
 * Gives a function that lets time pass, as fast as it can, until a promise has settled. It throws when an hour has
 * passed, or when nothing is left that could settle it.
 */
export function timeLapse(timers: FakeTimers): <T>(promise: Promise<T>) => Promise<T> {
  return async promise => {
    let isOver = false
    const done = () => {
      isOver = true
    }
    promise.then(done, done)
    const untilMs = Date.now() + HOUR_MS
    for (let quiet = 0; !isOver; await timers.advanceTimersToNextTimerAsync()) {
      quiet = timers.getTimerCount() === 0 ? quiet + 1 : 0
      if (Date.now() > untilMs || quiet > QUIET_MAX) throw new Error('nothing comes of it')
    }
    return promise
  }
}
