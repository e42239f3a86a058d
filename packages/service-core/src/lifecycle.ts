/** What owns sockets, timers or files. Whoever creates it stops it. */
export interface Lifecycle {
  /** Opens what it needs. Calls after the first give the same promise; a start after a stop is refused. */
  readonly start: () => Promise<void>
  /** Ends what it began, within a bounded time, also after a failed start. Calls after the first give the same promise. */
  readonly stop: () => Promise<void>
}

/** A `Lifecycle` that `await using` can hold. */
export interface Disposable extends Lifecycle, AsyncDisposable {}

/** Makes `start` and `stop` idempotent, and lets a `stop` wait for a `start` under way. */
export function lifecycle(steps: Lifecycle): Disposable {
  let started: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      await started?.catch(() => {})
      await steps.stop()
    })()
    return stopped
  }
  return {
    start: () => {
      if (stopped) return Promise.reject(new Error('started after it was stopped'))
      started ??= (async () => steps.start())()
      return started
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/**
 * One life cycle of several parts: started in the order given, stopped in the reverse. When a start fails, that part
 * and those before it are stopped, and its error is thrown. A failing stop keeps no other from stopping.
 */
export function sequence(parts: readonly Partial<Lifecycle>[]): Disposable {
  const begun: Partial<Lifecycle>[] = []
  const stopAll = async () => {
    const failures: unknown[] = []
    while (begun.length > 0) {
      try {
        await begun.pop()?.stop?.()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'several parts failed to stop')
  }
  return lifecycle({
    start: async () => {
      try {
        for (const part of parts) {
          begun.push(part)
          await part.start?.()
        }
      } catch (error) {
        await stopAll().catch(() => {})
        throw error
      }
    },
    stop: stopAll,
  })
}
