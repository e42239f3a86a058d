import type { Service } from '@ilp/service-core'

/** Whether the chain takes packets, asked once for all that arrive in one turn of the event loop. */
export class Gate {
  readonly #ready: Service<never>['ready']
  readonly #timeoutMs: number
  #answer: Promise<boolean> | undefined

  constructor(ready: Service<never>['ready'], timeoutMs: number) {
    this.#ready = ready
    this.#timeoutMs = timeoutMs
  }

  /** True as soon as the chain is ready, false when it isn't within the time. */
  readonly opens = (): Promise<boolean> => {
    if (!this.#answer) {
      this.#answer = this.#ask()
      setImmediate(() => {
        this.#answer = undefined
      })
    }
    return this.#answer
  }

  #ask(): Promise<boolean> {
    const wait = new AbortController()
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        wait.abort()
        resolve(false)
      }, this.#timeoutMs)
      const settle = (opens: boolean) => {
        clearTimeout(timer)
        resolve(opens)
      }
      this.#ready(wait.signal).then(
        () => settle(true),
        () => settle(false),
      )
    })
  }
}
