import { vi } from 'vitest'

/** Lets time pass, as fast as it can, until the promise has settled. Needs fake timers. */
export async function settled<T>(promise: Promise<T>): Promise<T> {
  let over = false
  const done = () => {
    over = true
  }
  promise.then(done, done)
  while (!over) await vi.advanceTimersToNextTimerAsync()
  return promise
}
