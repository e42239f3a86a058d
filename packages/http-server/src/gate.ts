import type { Service } from '@ilp/service-core'

/** Whether the chain takes packets, asked once for all that arrive in one turn of the event loop. */
export class Gate {
  readonly #ready: Service<never>['ready']
  readonly #timeoutMs: number
  #answer: Promise<boolean> | undefined
  /** Ends a wait that takes too long. One that nothing had to wait with serves again: it is costly to make. */
  #wait = new AbortController()

  constructor(ready: Service<never>['ready'], timeoutMs: number) {
    this.#ready = ready
    this.#timeoutMs = timeoutMs
  }

  /** True as soon as the chain is ready, false when it isn't within the time. */
  readonly opens = (): Promise<boolean> => {
    this.#answer ??= this.#ask()
    return this.#answer
  }

  #ask(): Promise<boolean> {
    const wait = this.#wait
    return new Promise(resolve => {
      let isSettled = false
      let timer: NodeJS.Timeout | undefined
      const settle = (opens: boolean) => {
        isSettled = true
        clearTimeout(timer)
        resolve(opens)
      }
      this.#ready(wait.signal).then(
        () => settle(true),
        () => settle(false),
      )
      setImmediate(() => {
        this.#answer = undefined
        // Mostly the chain is ready at once, and there is nothing to time.
        if (isSettled) return
        this.#wait = new AbortController()
        timer = setTimeout(() => {
          wait.abort()
          settle(false)
        }, this.#timeoutMs)
      })
    })
  }
}
