import type { Deadline, Deadlines, Waiting } from '@ilp/service-core'
import type { Dispatcher } from 'undici'

/** The most that is read of what a peer answers, so that its connection can be used again. */
const RESPONSE_BYTES_MAX = 65_536

/** One request, as undici tells of it. Its outcome is told once: a status, or what failed. */
export class Attempt implements Dispatcher.DispatchHandler, Waiting {
  readonly #deadlines: Deadlines
  readonly #timeoutMs: number
  readonly #ended: (outcome: number | Error) => void
  #controller: Dispatcher.DispatchController | undefined
  #deadline: Deadline | undefined
  #isTold = false
  #length = 0

  constructor(deadlines: Deadlines, timeoutMs: number, ended: (outcome: number | Error) => void) {
    this.#deadlines = deadlines
    this.#timeoutMs = timeoutMs
    this.#ended = ended
  }

  /** What waits for a connection costs the peer nothing: the time runs from here. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isTold) controller.abort(new Error('given up'))
    else this.#deadline ??= this.#deadlines.set(Date.now() + this.#timeoutMs, this)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    if (status >= 200) this.#tell(status)
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length
    if (this.#length > RESPONSE_BYTES_MAX) controller.abort(new Error('the answer is too long'))
  }

  onResponseEnd(): void {
    this.#deadline?.clear()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#deadline?.clear()
    this.#tell(error)
  }

  onDeadline(): void {
    this.giveUp(new Error('no answer in time'))
  }

  giveUp(reason: Error): void {
    this.#tell(reason)
    this.#deadline?.clear()
    this.#controller?.abort(reason)
  }

  #tell(outcome: number | Error): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#ended(outcome)
  }
}
