import { vi } from 'vitest'

const HOUR_MS = 3_600_000
/** Turns without a timer after which nothing more is going to happen. */
const QUIET_MAX = 1_000

/** Lets time pass, as fast as it can, until the promise has settled, for an hour at most. Needs fake timers. */
export async function settled<T>(promise: Promise<T>): Promise<T> {
  let over = false
  const done = () => {
    over = true
  }
  promise.then(done, done)
  let quiet = 0
  for (const untilMs = Date.now() + HOUR_MS; !over; await vi.advanceTimersToNextTimerAsync()) {
    quiet = vi.getTimerCount() === 0 ? quiet + 1 : 0
    if (Date.now() > untilMs || quiet > QUIET_MAX) throw new Error('nothing comes of it')
  }
  return promise
}
