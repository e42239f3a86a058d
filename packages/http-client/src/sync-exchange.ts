import {
  type Deadline,
  type Deadlines,
  internalError,
  type Prepare,
  peerUnreachable,
  type Reply,
  transferTimedOut,
  type Waiting,
} from '@ilp/service-core'
import { isMisconfiguration, OK, replyOf } from './outcome.js'
import { ResponseBody } from './response-body.js'
import { type Abortable, type Exchange, NotSentError } from './transport.js'

/** The link that exchanges go over. */
export interface ExchangeOwner {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly deadlines: Deadlines
  readonly responseBytesMax: number
  readonly lateAnswerMs: number
  /** The request is no more: it was answered, it failed, or it was given up. */
  readonly over: () => void
  /** Something that an operator may have to mend: the peer refused the request, or the connection failed. */
  readonly trouble: (reason: string) => void
  /** The peer has answered as one that takes packets. */
  readonly succeeded: () => void
  /** It has not. `trouble` says so as well. */
  readonly failed: (reason: string) => void
}

/**
 * One packet's request, and the response with its answer. Whatever the transport reports, in whichever order, the
 * packet is answered once: `lateAnswerMs` behind its expiry at the latest.
 */
export class SyncExchange implements Exchange, Waiting {
  readonly bytes: Buffer
  readonly #owner: ExchangeOwner
  readonly #expiresAtMs: number
  readonly #resolve: (reply: Reply) => void
  readonly #deadline: Deadline
  readonly #body: ResponseBody
  #request: Abortable | undefined
  /** The packet has its answer; the request may wait in a queue still. */
  #settled = false
  #over = false
  #status = 0

  constructor(owner: ExchangeOwner, prepare: Prepare, resolve: (reply: Reply) => void) {
    this.#owner = owner
    this.#expiresAtMs = prepare.expiresAtMs
    this.#resolve = resolve
    this.bytes = prepare.toBuffer()
    this.#body = new ResponseBody(owner.responseBytesMax)
    this.#deadline = owner.deadlines.set(prepare.expiresAtMs + owner.lateAnswerMs, this)
  }

  started(request: Abortable): void {
    if (Date.now() >= this.#expiresAtMs) this.#settle(this.#timedOut())
    if (this.#request || this.#settled) throw new NotSentError('a request is sent once, and in time')
    this.#request = request
  }

  responded(status: number): void {
    this.#status = status
  }

  received(chunk: Buffer): void {
    if (!this.#body.add(chunk)) this.#tooMuch()
  }

  ended(): void {
    if (this.#over) return
    if (isMisconfiguration(this.#status))
      this.#owner.trouble(`it refuses packets with status ${this.#status}`)
    else if (this.#status === OK) this.#owner.succeeded()
    else this.#owner.failed(`status ${this.#status}`)
    this.#end(replyOf(this.#status, this.#body.whole(), this.#owner.address()))
  }

  failed(error: Error): void {
    if (this.#over) return
    if (!this.#settled) this.#owner.trouble((error as NodeJS.ErrnoException).code ?? error.name)
    this.#end(peerUnreachable(this.#owner.address(), 'the link to the next hop failed'))
  }

  onDeadline(): void {
    this.#owner.failed('ETIMEDOUT')
    if (this.#request) this.#giveUp(this.#timedOut())
    // It is in some queue, which counts until `started` refuses it there.
    else this.#settle(this.#timedOut())
  }

  #tooMuch(): void {
    this.#owner.failed('more than a packet')
    this.#giveUp(internalError(this.#owner.address(), 'the next hop answered with more than a packet'))
  }

  #timedOut(): Reply {
    return transferTimedOut(this.#owner.address(), 'the next hop did not answer in time')
  }

  #giveUp(reply: Reply): void {
    this.#end(reply)
    this.#request?.abort(new NotSentError('given up'))
  }

  #end(reply: Reply): void {
    if (this.#over) return
    this.#over = true
    this.#deadline.clear()
    this.#settle(reply)
    this.#owner.over()
  }

  #settle(reply: Reply): void {
    if (this.#settled) return
    this.#settled = true
    this.#resolve(reply)
  }
}
