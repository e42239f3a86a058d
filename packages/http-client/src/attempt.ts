import type { Deadline, Deadlines, Waiting } from '@ilp/service-core'
import { ResponseBody } from './response-body.js'
import { type Abortable, type Exchange, NotSentError } from './transport.js'

/** The packet that is being sent. */
export interface AttemptOwner {
  readonly bytes: Buffer
  readonly deadlines: Deadlines
  readonly responseBytesMax: number
  /** When a request that begins now is given up, in milliseconds since 1970; undefined when it must not begin. */
  readonly begun: () => number | undefined
  /** The peer's whole response. */
  readonly answered: (status: number, body: Buffer) => void
  /** There is no whole response. @param isWritten whether the peer may have the request all the same */
  readonly lost: (error: Error, isWritten: boolean) => void
}

/** One request that carries a packet whose answer comes by callback. Tells its owner how it ended, once. */
export class Attempt implements Exchange, Waiting {
  readonly bytes: Buffer
  readonly #owner: AttemptOwner
  readonly #body: ResponseBody
  #request: Abortable | undefined
  #deadline: Deadline | undefined
  #status = 0
  #isOver = false

  constructor(owner: AttemptOwner) {
    this.#owner = owner
    this.bytes = owner.bytes
    this.#body = new ResponseBody(owner.responseBytesMax)
  }

  started(request: Abortable): void {
    const untilMs = this.#request ? undefined : this.#owner.begun()
    if (untilMs === undefined) throw new NotSentError('an attempt is made once, and in time')
    this.#request = request
    this.#deadline = this.#owner.deadlines.set(untilMs, this)
  }

  responded(status: number): void {
    this.#status = status
  }

  received(chunk: Buffer): void {
    if (!this.#body.add(chunk)) this.giveUp()
  }

  ended(): void {
    if (this.#end()) this.#owner.answered(this.#status, this.#body.whole())
  }

  failed(error: Error): void {
    if (this.#end()) this.#owner.lost(error, this.#request !== undefined)
  }

  onDeadline(): void {
    this.giveUp()
  }

  /** Ends it, if it is under way. One that waits for a connection is refused when it gets one. */
  giveUp(): void {
    if (!this.#request) return
    const reason = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
    this.failed(reason)
    this.#request.abort(reason)
  }

  #end(): boolean {
    if (this.#isOver) return false
    this.#isOver = true
    this.#deadline?.clear()
    return true
  }
}
