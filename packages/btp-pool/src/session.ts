import {
  BtpFrameError,
  decodeFrame,
  encodeIlp,
  encodeRefusal,
  FrameType,
  frameRequestId,
  frameType,
  readIlp,
} from '@ilp/btp-packet'
import {
  type AccountId,
  connectorBusy,
  type Deadline,
  type Deadlines,
  decodeReply,
  InvalidPacketError,
  internalError,
  invalidPacket,
  isFulfill,
  type Logger,
  Prepare,
  peerUnreachable,
  type Reply,
  transferTimedOut,
  type Waiting,
} from '@ilp/service-core'
import { Type } from 'ilp-packet'
import type { BtpPoolOptions } from './options.js'
import type { CloseReason, MessagePort, PortListener } from './port.js'
import type { UnderWay } from './under-way.js'

/** Answers a Prepare of this account's peer. */
export type PrepareHandler = (from: AccountId, prepare: Prepare) => Promise<Reply>

/** What sessions have in common: their pool, as they see it. */
export interface SessionHost {
  readonly address: () => string
  readonly logger: Logger
  readonly deadlines: Deadlines
  readonly options: BtpPoolOptions
  /** Undefined while no packets are taken. */
  handler: PrepareHandler | undefined
  /** Requests that wait for an answer. */
  readonly pending: UnderWay
  /** Prepares of peers that wait for ours. */
  readonly answering: UnderWay
  /** The session takes no requests any more. */
  readonly ended: (session: Session) => void
}

/** Kept within the small integers of the engine, which make quick keys. */
const ID_MASK = 0x3fff_ffff

/** A request that waits for its answer. */
class Pending implements Waiting {
  readonly #deadline: Deadline

  constructor(
    readonly session: Session,
    readonly id: number,
    readonly settle: (reply: Reply) => void,
    dueMs: number,
    deadlines: Deadlines,
  ) {
    this.#deadline = deadlines.set(dueMs, this)
  }

  onDeadline(): void {
    this.session.forget(this.id)
  }

  /** Calls off the deadline. */
  clear(): void {
    this.#deadline.clear()
  }
}

/** One authenticated connection with the peer of an account: requests in both directions, by request id. */
export class Session implements PortListener {
  /** Resolves when the port is closed. */
  readonly whenClosed: Promise<void>
  readonly #pending = new Map<number, Pending>()
  #onClosed!: () => void
  #lastId = 0
  #isOpen = true
  #answering = 0
  /** Fulfills of ours that the peer could not be told of any more. */
  #lostFulfills = 0

  constructor(
    readonly account: AccountId,
    readonly port: MessagePort,
    readonly host: SessionHost,
  ) {
    this.whenClosed = new Promise(resolve => {
      this.#onClosed = resolve
    })
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Whether one more request may be sent. */
  get takesRequests(): boolean {
    const { pendingMax, unsentBytesMax } = this.host.options
    return this.#pending.size < pendingMax && this.port.unsentBytes() <= unsentBytesMax / 2
  }

  /** Sends a Prepare. Settles with the answer, or with a reject of this node's own when there is none to come. */
  request(prepare: Prepare): Promise<Reply> {
    const { deadlines, options, pending } = this.host
    const id = this.#freshId()
    return new Promise(settle => {
      const dueMs = prepare.expiresAtMs + options.lateAnswerMs
      this.#pending.set(id, new Pending(this, id, settle, dueMs, deadlines))
      pending.begin()
      this.#send(encodeIlp(FrameType.MESSAGE, id, prepare))
    })
  }

  message(bytes: Buffer): void {
    const type = frameType(bytes)
    try {
      if (type === FrameType.MESSAGE || type === FrameType.RESPONSE) {
        this.#takePacket(type, readIlp(bytes), frameRequestId(bytes))
      } else {
        this.#takeOther(bytes)
      }
    } catch (error) {
      this.#takeFault(error, type, bytes)
    }
  }

  closed(): void {
    this.#end()
    this.#onClosed()
  }

  close(reason: CloseReason): void {
    if (!this.#isOpen) return
    this.#end()
    this.port.close(reason)
  }

  /** A request whose answer is not taken any more. */
  forget(id: number): void {
    this.#settle(id, transferTimedOut(this.host.address(), 'peer did not answer in time'))
  }

  /**
   * A Message or a Response. What kind of ILP packet it has decides, since there are nodes that send Prepares in
   * Responses and the answers in Messages, with the request's id; they take either for an answer.
   */
  #takePacket(type: number, packet: Buffer | undefined, id: number): void {
    const kind = packet?.[0]
    if (packet && kind === Type.TYPE_ILP_PREPARE) {
      this.#takePrepare(id, packet)
    } else if (
      type === FrameType.RESPONSE ||
      kind === Type.TYPE_ILP_FULFILL ||
      kind === Type.TYPE_ILP_REJECT
    ) {
      if (this.#pending.has(id)) this.#settle(id, this.#readReply(packet))
    } else if (packet) {
      this.#respond(id, invalidPacket(this.host.address(), 'no ILP packet'))
    } else {
      this.#send(encodeRefusal(id, 'F00', 'primary sub-protocol is not known here'))
    }
  }

  #takeOther(bytes: Buffer): void {
    const frame = decodeFrame(bytes)
    if (frame.type === FrameType.TRANSFER) {
      // No balance is changed by it, as RFC 23 has it for a Transfer that is answered with an Error.
      this.#send(encodeRefusal(frame.requestId, 'F00', 'transfers are not taken here'))
    } else if (frame.type === FrameType.ERROR && this.#pending.has(frame.requestId)) {
      this.host.logger.debug({ account: this.account, code: frame.code }, 'peer answered with a BTP error')
      this.#settle(frame.requestId, internalError(this.host.address(), 'peer could not process the packet'))
    }
  }

  #takeFault(error: unknown, type: number | undefined, bytes: Buffer): void {
    if (!(error instanceof BtpFrameError)) {
      // A bug. No peer may end the process with it, or fill the log.
      this.host.logger.error({ err: error, account: this.account }, 'a BTP message could not be handled')
      this.close('violation')
      return
    }
    // RFC 23, 'Flow': nothing is sent to an unreadable frame, so that no two nodes keep each other busy.
    if (error.code === 'ERR_BTP_UNREADABLE') return
    const id = frameRequestId(bytes)
    if (type === FrameType.MESSAGE || type === FrameType.TRANSFER) {
      this.#send(encodeRefusal(id, 'F00', 'two sub-protocols of one name'))
      this.close('violation')
    } else {
      this.#settle(id, this.#readReply(undefined))
    }
  }

  #readReply(packet: Buffer | undefined): Reply {
    try {
      if (packet) return decodeReply(packet)
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
    }
    return internalError(this.host.address(), 'peer answered with no ILP packet')
  }

  #takePrepare(id: number, packet: Buffer): void {
    const { address, answering, handler } = this.host
    let prepare: Prepare
    try {
      // A copy: a packet that is held for long must not keep the chunk alive that it came in, 64 KiB of whatever the
      // peer put around it.
      prepare = Prepare.decode(Buffer.from(packet))
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
      this.#respond(id, invalidPacket(address(), error.message))
      return
    }
    if (!handler) {
      this.#respond(id, connectorBusy(address(), 'no packets are taken now'))
      return
    }
    this.#answering += 1
    answering.begin()
    try {
      handler(this.account, prepare).then(
        reply => this.#answer(id, reply),
        error => this.#fail(id, error),
      )
    } catch (error) {
      this.#fail(id, error)
    }
  }

  #answer(id: number, reply: Reply): void {
    this.#answering -= 1
    this.host.answering.end()
    if (this.#isOpen) {
      this.#respond(id, reply)
      return
    }
    if (isFulfill(reply)) this.#lostFulfills += 1
    this.#reportLost()
  }

  /** The handler threw, which it does only on a bug. */
  #fail(id: number, error: unknown): void {
    this.#answering -= 1
    this.host.answering.end()
    this.host.logger.error({ err: error, account: this.account }, 'a packet was not answered')
    if (this.#isOpen) this.#send(encodeRefusal(id, 'T00', 'internal error'))
    else this.#reportLost()
  }

  /** Says so once, when the last packet of a closed session has been answered. */
  #reportLost(): void {
    if (this.#answering > 0 || this.#lostFulfills === 0) return
    const fields = { account: this.account, fulfills: this.#lostFulfills }
    this.host.logger.warn(fields, 'link closed before the peer could be told of fulfilled packets')
  }

  #respond(id: number, reply: Reply): void {
    this.#send(encodeIlp(FrameType.RESPONSE, id, reply))
  }

  #send(bytes: Buffer): void {
    this.port.send(bytes)
    if (this.port.unsentBytes() > this.host.options.unsentBytesMax) this.close('overrun')
  }

  /** The next id that none of the pending requests has: there are fewer of those than ids. */
  #freshId(): number {
    do this.#lastId = (this.#lastId + 1) & ID_MASK
    while (this.#pending.has(this.#lastId))
    return this.#lastId
  }

  #settle(id: number, reply: Reply): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    pending.clear()
    this.host.pending.end()
    pending.settle(reply)
  }

  #end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.host.ended(this)
    if (this.#pending.size === 0) return
    const reply = peerUnreachable(this.host.address(), 'link to the peer closed')
    for (const id of [...this.#pending.keys()]) this.#settle(id, reply)
  }
}
