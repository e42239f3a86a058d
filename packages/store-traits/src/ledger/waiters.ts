/** Those who wait for what comes and goes. */
export class Waiters {
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next `go`; rejects with the signal's reason when it is aborted before. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (settle: () => void) => () => {
        this.#waiting.delete(go)
        signal?.removeEventListener('abort', abort)
        settle()
      }
      const go = leave(resolve)
      const abort = leave(() => reject(signal?.reason as Error))
      if (signal?.aborted) return abort()
      this.#waiting.add(go)
      signal?.addEventListener('abort', abort)
    })
  }

  go(): void {
    for (const go of [...this.#waiting]) go()
  }
}
