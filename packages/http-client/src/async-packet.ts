import { randomUUID } from 'node:crypto'
import {
  type Deadline,
  type Deadlines,
  type Prepare,
  peerUnreachable,
  type Reply,
  transferTimedOut,
  type Waiting,
} from '@ilp/service-core'
import { Attempt, type AttemptOwner } from './attempt.js'
import { isMisconfiguration, OK, replyOf } from './outcome.js'
import type { ExchangeOwner } from './sync-exchange.js'

/** The forms in which packets are answered by callback: that of draft 2, and that of draft 3. */
export type AsyncMode = 'respond-async' | 'async'

/** The link that a packet goes over whose answer comes by callback. */
export interface AsyncOwner extends ExchangeOwner {
  readonly attemptTimeoutMs: number
  /** How long to wait before the next of a packet's attempts; undefined where there may be none. */
  readonly pauseMs: (mode: AsyncMode, attempts: number) => number | undefined
  readonly attempt: (attempt: Attempt, mode: AsyncMode, requestId: string) => void
  /** The peer has answered with 202: it knows the form. */
  readonly accepted: () => void
  /** The packet has its answer. */
  readonly answered: (packet: AsyncPacket) => void
}

const UNAVAILABLE = 503
/** However close the expiry is, an attempt has some time. */
const ATTEMPT_MS_MIN = 250
/** Attempts that fit between now and the expiry, each taking all the time that it may. */
const ATTEMPTS_MIN = 3

/**
 * A packet whose answer comes by callback (RFC 35). What the peer certainly doesn't have is answered at once. What it
 * may have is waited for, since a Fulfill may come yet; where the link allows it, the request is repeated under its
 * Request-Id meanwhile. It is answered once: `lateAnswerMs` behind its expiry at the latest.
 */
export class AsyncPacket implements AttemptOwner, Waiting {
  readonly requestId: string
  readonly bytes: Buffer
  readonly deadlines: Deadlines
  readonly responseBytesMax: number
  readonly #owner: AsyncOwner
  readonly #mode: AsyncMode
  readonly #expiresAtMs: number
  readonly #resolve: (reply: Reply) => void
  readonly #deadline: Deadline
  readonly #retry: Waiting = { onDeadline: () => this.attempt() }
  #retryDeadline: Deadline | undefined
  #attempt: Attempt | undefined
  #attempts = 0
  /** The peer may have the packet. */
  #isWithPeer = false
  #isSettled = false
  #isOver = false

  constructor(owner: AsyncOwner, mode: AsyncMode, prepare: Prepare, resolve: (reply: Reply) => void) {
    this.#owner = owner
    this.#mode = mode
    this.requestId = randomUUID()
    this.deadlines = owner.deadlines
    this.responseBytesMax = owner.responseBytesMax
    this.bytes = prepare.toBuffer()
    this.#expiresAtMs = prepare.expiresAtMs
    this.#resolve = resolve
    this.#deadline = owner.deadlines.set(prepare.expiresAtMs + owner.lateAnswerMs, this)
  }

  attempt(): void {
    this.#attempts += 1
    this.#attempt = new Attempt(this)
    this.#owner.attempt(this.#attempt, this.#mode, this.requestId)
  }

  /** The peer's callback. Returns whether it came in time; one that is late gets into the chain all the same. */
  calledBack(reply: Reply): boolean {
    const isInTime = !this.#isSettled && Date.now() < this.#expiresAtMs
    this.#owner.succeeded()
    this.#settle(reply)
    return isInTime
  }

  begun(): number | undefined {
    const now = Date.now()
    if (now >= this.#expiresAtMs) {
      if (!this.#isWithPeer) this.#settle(this.#timedOut())
      return undefined
    }
    if (this.#isSettled) return undefined
    const { attemptTimeoutMs, lateAnswerMs } = this.#owner
    if (this.#owner.pauseMs(this.#mode, this.#attempts) === undefined) return this.#expiresAtMs + lateAnswerMs
    const share = Math.max(ATTEMPT_MS_MIN, (this.#expiresAtMs - now) / ATTEMPTS_MIN)
    return now + Math.min(attemptTimeoutMs, share)
  }

  answered(status: number, body: Buffer): void {
    this.#attempt = undefined
    if (status > OK && status < 300) {
      this.#isWithPeer = true
      this.#owner.succeeded()
      this.#owner.accepted()
    } else if (status === OK) {
      this.#owner.succeeded()
      this.#settle(replyOf(status, body, this.#owner.address()))
    }
    // A gateway may say this of a request that it has passed on.
    else if (status >= 500 && status !== UNAVAILABLE) this.#unsure(`it answers with status ${status}`)
    else {
      if (isMisconfiguration(status)) this.#owner.trouble(`it refuses packets with status ${status}`)
      else this.#owner.failed(`status ${status}`)
      if (!this.#isWithPeer) this.#settle(replyOf(status, body, this.#owner.address()))
    }
    this.#check()
  }

  lost(error: Error, isWritten: boolean): void {
    this.#attempt = undefined
    const reason = (error as NodeJS.ErrnoException).code ?? error.name
    if (isWritten || this.#isWithPeer) this.#unsure(reason)
    else {
      if (!this.#isSettled) this.#owner.trouble(reason)
      this.#settle(this.#unreachable())
    }
    this.#check()
  }

  /** At its expiry, and a while for late answers. */
  onDeadline(): void {
    this.#owner.failed('ETIMEDOUT')
    this.#settle(this.#timedOut())
    this.#attempt?.giveUp()
  }

  /** The link ends. */
  giveUp(): void {
    this.#settle(this.#unreachable())
  }

  #unsure(reason: string): void {
    this.#isWithPeer = true
    if (this.#isSettled) return
    this.#owner.trouble(reason)
    const pauseMs = this.#owner.pauseMs(this.#mode, this.#attempts)
    if (pauseMs === undefined) return
    const nextMs = Date.now() + pauseMs
    if (nextMs < this.#expiresAtMs) this.#retryDeadline = this.deadlines.set(nextMs, this.#retry)
  }

  #timedOut(): Reply {
    return transferTimedOut(this.#owner.address(), 'the next hop did not answer in time')
  }

  #unreachable(): Reply {
    return peerUnreachable(this.#owner.address(), 'the link to the next hop failed')
  }

  #settle(reply: Reply): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#deadline.clear()
    this.#retryDeadline?.clear()
    this.#owner.answered(this)
    this.#resolve(reply)
    this.#check()
  }

  /** A request that is under way counts until its end, as its connection is in use. */
  #check(): void {
    if (this.#isSettled && !this.#attempt && !this.#isOver) {
      this.#isOver = true
      this.#owner.over()
    }
  }
}
