import { useEffect, useState } from 'preact/hooks'
import { epoch } from '../state/live.js'

export interface Loaded<T> {
  /** What was read last; undefined before the first answer. */
  readonly data: T | undefined
  /** Why the last reading failed. */
  readonly error: unknown
  readonly reload: () => void
}

/**
 * Reads something when it is first shown, whenever one of `on` is another one or events flow anew, and every so often.
 * A reading that nobody waits for any more is given up.
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  on: readonly unknown[] = [],
  everyMs?: number,
): Loaded<T> {
  const [data, setData] = useState<T>()
  const [error, setError] = useState<unknown>()
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const over = new AbortController()
    const read = async () => {
      try {
        setData(await load(over.signal))
        setError(undefined)
      } catch (failure) {
        if (!over.signal.aborted) setError(failure)
      }
    }
    void read()
    const timer = everyMs === undefined ? undefined : setInterval(() => void read(), everyMs)
    return () => {
      clearInterval(timer)
      over.abort()
    }
  }, [...on, epoch.value, turn])
  return { data, error, reload: () => setTurn(turn + 1) }
}
