import { useRef, useState } from 'preact/hooks'
import { say } from '../state/notice.js'

export interface Doing {
  readonly isBusy: boolean
  /** Why the last try has failed. */
  readonly error: unknown
  readonly run: (work: () => Promise<void>) => void
}

/**
 * Does one thing at a time, and keeps why it could not be done. Buttons of what is being done are to be `aria-disabled`:
 * one that is `disabled` loses the focus.
 */
export function useDoing(): Doing {
  const isDoing = useRef(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>) => {
    if (isDoing.current) return
    isDoing.current = true
    say('')
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
    } finally {
      isDoing.current = false
      setBusy(false)
    }
  }
  return { isBusy, error, run: work => void run(work) }
}
