import { useEffect, useState } from 'preact/hooks'
import { pause } from '../api/pause.js'
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
    const { signal } = over
    const read = async () => {
      try {
        const data = await load(signal)
        if (signal.aborted) return
        setData(data)
        setError(undefined)
      } catch (failure) {
        if (!signal.aborted) setError(failure)
      }
    }
    const readOn = async () => {
      do {
        await read()
        if (everyMs !== undefined) await pause(everyMs, signal)
      } while (everyMs !== undefined && !signal.aborted)
    }
    void readOn()
    return () => over.abort()
  }, [...on, epoch.value, turn])
  return { data, error, reload: () => setTurn(turn + 1) }
}
