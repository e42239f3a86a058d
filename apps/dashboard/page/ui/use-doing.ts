import { useState } from 'preact/hooks'

export interface Doing {
  readonly isBusy: boolean
  /** Why the last try has failed. */
  readonly error: unknown
  readonly run: (work: () => Promise<void>) => void
}

/** Does one thing at a time, and keeps why it could not be done. */
export function useDoing(): Doing {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (work: () => Promise<void>) => {
    if (isBusy) return
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, error, run: work => void run(work) }
}
