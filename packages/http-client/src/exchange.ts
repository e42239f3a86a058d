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
import { isMisconfiguration, replyOf } from './outcome.js'

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
}

/** Gives a request up. */
export interface Abortable {
  readonly abort: (reason: Error) => void
}

/** For a request that a transport begins a second time, or that nobody waits for any more. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError'
  readonly code = 'ERR_NOT_SENT'
}

const NOTHING = Buffer.alloc(0)

/**
 * One packet's request and response. A transport reports to it, and whatever it reports, in whichever order, the
 * packet is answered once: `lateAnswerMs` behind its expiry at the latest.
 */
export class Exchange implements Waiting {
  /** The request's body. */
  readonly bytes: Buffer
  readonly #owner: ExchangeOwner
  readonly #expiresAtMs: number
  readonly #resolve: (reply: Reply) => void
  readonly #deadline: Deadline
  #request: Abortable | undefined
  /** The packet has its answer; the request may wait in a queue still. */
  #settled = false
  #over = false
  #status = 0
  #body: Buffer | undefined
  #length = 0

  constructor(owner: ExchangeOwner, prepare: Prepare, resolve: (reply: Reply) => void) {
    this.#owner = owner
    this.#expiresAtMs = prepare.expiresAtMs
    this.#resolve = resolve
    this.bytes = prepare.toBuffer()
    this.#deadline = owner.deadlines.set(prepare.expiresAtMs + owner.lateAnswerMs, this)
  }

  /**
   * The request is about to be written. The transport drops it, and calls `failed`, when this throws.
   * @throws NotSentError for a Prepare that may have been written before, and for one that has expired
   */
  started(request: Abortable): void {
    if (Date.now() >= this.#expiresAtMs) this.#settle(this.#timedOut())
    if (this.#request || this.#settled) throw new NotSentError('a request is sent once, and in time')
    this.#request = request
  }

  responded(status: number): void {
    this.#status = status
  }

  /** A piece of the response's body, which belongs to the exchange from here on. */
  received(chunk: Buffer): void {
    const start = this.#length
    const limit = this.#owner.responseBytesMax
    this.#length += chunk.length
    if (this.#length > limit) {
      this.#giveUp(internalError(this.#owner.address(), 'the next hop answered with more than a packet'))
    } else if (!this.#body) this.#body = chunk
    else {
      // Many small pieces take no more room than one: they go to a buffer that is made once.
      if (this.#body.length < this.#length) this.#body = Buffer.concat([this.#body], limit)
      chunk.copy(this.#body, start)
    }
  }

  ended(): void {
    if (this.#over) return
    if (isMisconfiguration(this.#status))
      this.#owner.trouble(`it refuses packets with status ${this.#status}`)
    const body = this.#body?.subarray(0, this.#length) ?? NOTHING
    this.#end(replyOf(this.#status, body, this.#owner.address()))
  }

  failed(error: Error): void {
    if (this.#over) return
    if (!this.#settled) this.#owner.trouble((error as NodeJS.ErrnoException).code ?? error.name)
    this.#end(peerUnreachable(this.#owner.address(), 'the link to the next hop failed'))
  }

  onDeadline(): void {
    if (this.#request) this.#giveUp(this.#timedOut())
    // It is in some queue, which counts until `started` refuses it there.
    else this.#settle(this.#timedOut())
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
