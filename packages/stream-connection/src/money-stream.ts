import { UINT64_MAX } from '@ilp/oer'
import type { Logger } from '@ilp/service-core'
import { ErrorCode, type StreamClose } from '@ilp/stream-packet'
import { StreamError } from './errors.js'
import { Inbox } from './inbox.js'
import { Notice } from './notice.js'
import { Outbox } from './outbox.js'
import { Signal } from './signal.js'
import type { Stream, StreamEvents, WaitOptions } from './stream.js'
import { StreamMoney } from './stream-money.js'
import { messageOf, readableOf, writableOf } from './web-streams.js'

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly logger: Logger
  readonly receiveMax: bigint
  readonly bufferBytes: number
  /** Whether so much is known not to bring a unit of the other end's. */
  readonly isWorthless: (units: bigint) => boolean
  /** Something may have to be sent. */
  readonly changed: () => void
  /** Bytes were read, or thrown away: there is room for others. */
  readonly onConsumed: (bytes: number) => void
  /** Nothing is left of the stream. */
  readonly onGone: (stream: MoneyStream) => void
}

/** Characters of an error message that the other end is told. */
const MESSAGE_LENGTH_MAX = 200

interface Waiter {
  readonly isMet: () => boolean
  /** Why it will never be met, if that is so. */
  readonly hopeless: () => StreamError | undefined
  readonly settle: (error?: unknown) => void
}

/** A stream, and what the connection does with it. */
export class MoneyStream implements Stream {
  readonly id: number
  readonly money: StreamMoney
  readonly inbox: Inbox
  readonly outbox: Outbox
  /** That the limits have changed, or that the stream is there at all. */
  readonly limits = new Notice()
  /** That it is closed. */
  readonly closing = new Notice()
  /** What `closing` says. */
  closeCode: number = ErrorCode.NoError
  closeMessage = ''
  readonly readable: ReadableStream<Uint8Array>
  readonly writable: WritableStream<Uint8Array>
  readonly closed: Promise<StreamError | undefined>
  /** Whether `close` waits for the last to arrive. */
  isEnding = false
  isOpen = true
  readonly #host: StreamHost
  readonly #signals: { readonly [Event in keyof StreamEvents]: Signal<[bigint]> }
  readonly #waiters = new Set<Waiter>()
  readonly #read: ReturnType<typeof readableOf>
  readonly #write: ReturnType<typeof writableOf>
  #onClosed: (error: StreamError | undefined) => void = () => {}
  #consumed = 0
  #toldSent = 0n
  #isGone = false

  constructor(id: number, host: StreamHost) {
    this.id = id
    this.#host = host
    this.money = new StreamMoney(host.receiveMax)
    this.inbox = new Inbox(host.bufferBytes)
    this.outbox = new Outbox(host.bufferBytes)
    this.#signals = { money: new Signal(host.logger), sent: new Signal(host.logger) }
    this.#read = readableOf(this.inbox, () => this.#onRead())
    this.#write = writableOf({
      write: bytes => {
        const written = this.outbox.push(bytes)
        host.changed()
        return written
      },
      close: () => this.close(),
      abort: reason => this.destroy(reason),
    })
    this.readable = this.#read.stream
    this.writable = this.#write.stream
    this.closed = new Promise(resolve => {
      this.#onClosed = resolve
    })
    this.limits.raise()
  }

  get totalSent(): bigint {
    return this.money.sent
  }

  get unknown(): bigint {
    return this.money.unknown
  }

  get receipt(): Uint8Array | undefined {
    return this.money.peer.receipt
  }

  get totalReceived(): bigint {
    return this.money.received
  }

  get sendMax(): bigint {
    return this.money.sendMax
  }

  get receiveMax(): bigint {
    return this.money.receiveMax
  }

  readonly setSendMax = (total: bigint): void => {
    this.#expectOpen()
    const { sent, inFlight, unknown } = this.money
    if (total < sent + inFlight + unknown) throw new RangeError('sendMax is below what was sent')
    if (total > UINT64_MAX) throw new RangeError('sendMax is above 2^64-1')
    this.money.sendMax = total
    this.#host.changed()
  }

  readonly setReceiveMax = (total: bigint): void => {
    this.#expectOpen()
    if (total < this.money.receiveMax) throw new RangeError('receiveMax can not fall')
    if (total > UINT64_MAX) throw new RangeError('receiveMax is above 2^64-1')
    if (total === this.money.receiveMax) return
    this.money.receiveMax = total
    this.limits.raise()
    this.#host.changed()
  }

  readonly sendTotal = async (total: bigint, { signal }: WaitOptions = {}): Promise<void> => {
    signal?.throwIfAborted()
    if (total > this.money.sendMax) this.setSendMax(total)
    try {
      const isMet = () => this.money.sent >= total || this.#isRestWorthless
      await this.#wait({ isMet, hopeless: () => this.#unknownOutcome() }, signal)
    } catch (error) {
      const { sent, inFlight, unknown } = this.money
      if (signal?.aborted && this.isOpen) this.setSendMax(sent + inFlight + unknown)
      throw error
    }
  }

  readonly receiveTotal = async (total: bigint, { signal }: WaitOptions = {}): Promise<void> => {
    signal?.throwIfAborted()
    if (total > this.money.receiveMax) this.setReceiveMax(total)
    const isMet = () => this.money.received >= total
    await this.#wait({ isMet, hopeless: () => undefined }, signal)
  }

  readonly on = <Event extends keyof StreamEvents>(event: Event, listener: StreamEvents[Event]) =>
    this.#signals[event].add(listener)

  readonly close = async (): Promise<void> => {
    if (!this.isOpen) return
    this.isEnding = true
    this.#host.changed()
    await this.closed
  }

  readonly destroy = (reason?: unknown): void => {
    if (!this.isOpen) return
    const message = reason === undefined ? 'stream destroyed' : messageOf(reason)
    this.finish(new StreamError('ERR_STREAM_CLOSED', message), ErrorCode.ApplicationError, message)
  }

  readonly [Symbol.asyncDispose] = (): Promise<void> => this.close()

  // What the connection does.

  /** All may have been sent that can be, or the end may have been told: draws the conclusions. */
  review(): void {
    this.#look()
    if (this.#isDone) this.finish(undefined, ErrorCode.NoError)
    else this.#leave()
  }

  onMoney(units: bigint): void {
    this.money.received += units
    if (units > 0n) this.#signals.money.emit(units)
    this.#look()
  }

  /** Packets with money of the stream's have been booked. */
  onSettled(): void {
    const { sent } = this.money
    if (sent > this.#toldSent) {
      const units = sent - this.#toldSent
      this.#toldSent = sent
      this.#signals.sent.emit(units)
    }
    this.#look()
  }

  onData(): void {
    this.#read.wake()
    this.#consume()
  }

  /** The other end has closed the stream. */
  hearClose({ errorCode, errorMessage }: Pick<StreamClose, 'errorCode' | 'errorMessage'>): void {
    this.closing.acknowledge(this.closing.take())
    if (!this.isOpen) return this.#leave()
    const lost = this.inbox.hasGaps ? 'the other end closed the stream before all bytes had come' : undefined
    const message = errorCode === ErrorCode.NoError ? lost : `closed by the other end: ${errorMessage}`
    this.finish(
      message === undefined ? undefined : new StreamError('ERR_STREAM_CLOSED_BY_PEER', message, errorCode),
    )
  }

  /** Closes the stream; with `code` the other end is told so. */
  finish(error: StreamError | undefined, code?: number, message = ''): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (code !== undefined) {
      this.closeCode = code
      this.closeMessage = message.slice(0, MESSAGE_LENGTH_MAX)
      this.closing.raise()
    }
    const isComplete = this.outbox.isEmpty
    const closed = error ?? new StreamError('ERR_STREAM_CLOSED', 'stream is closed')
    this.outbox.close(closed)
    if (error) {
      this.inbox.close()
      this.#read.fail(error)
    } else this.#read.end()
    this.#write.end(error ?? (isComplete ? undefined : closed), closed)
    for (const { settle } of [...this.#waiters]) settle(closed)
    this.#onClosed(error)
    this.#leave()
    this.#host.changed()
  }

  /** Whether nothing is left to do before it can be closed. */
  get #isDone(): boolean {
    const { left, inFlight, peerRoom } = this.money
    if (!this.isEnding || !this.isOpen || !this.outbox.isEmpty || inFlight > 0n) return false
    return left === 0n || peerRoom === 0n || this.#isRestWorthless
  }

  #onRead(): void {
    this.#consume()
    this.#leave()
  }

  /** Tells the connection of bytes that were read, and the other end when there is room for many more. */
  #consume(): void {
    const { read } = this.inbox
    if (read === this.#consumed) return
    this.#host.onConsumed(read - this.#consumed)
    const half = this.#host.bufferBytes / 2
    const passesHalf = Math.floor(read / half) > Math.floor(this.#consumed / half)
    this.#consumed = read
    if (!passesHalf || !this.isOpen) return
    this.limits.raise()
    this.#host.changed()
  }

  #leave(): void {
    if (this.isOpen || this.#isGone || !this.closing.isTold || this.inbox.available > 0) return
    this.#isGone = true
    this.#host.onConsumed(this.inbox.farthest - this.#consumed)
    this.#consumed = this.inbox.farthest
    this.#host.onGone(this)
  }

  #expectOpen(): void {
    if (!this.isOpen || this.isEnding) throw new StreamError('ERR_STREAM_CLOSED', 'stream is closed')
  }

  /** Whether all is sent but what would not bring a unit. */
  get #isRestWorthless(): boolean {
    const { left, inFlight, unknown } = this.money
    return inFlight === 0n && unknown === 0n && this.#host.isWorthless(left)
  }

  #unknownOutcome(): StreamError | undefined {
    const { left, inFlight, unknown } = this.money
    if (left > 0n || inFlight > 0n || unknown === 0n) return undefined
    return new StreamError('ERR_STREAM_UNKNOWN', `what became of ${unknown} units is unknown`)
  }

  #wait(goal: Omit<Waiter, 'settle'>, signal: AbortSignal | undefined): Promise<void> {
    if (goal.isMet()) return Promise.resolve()
    if (!this.isOpen) return Promise.reject(new StreamError('ERR_STREAM_CLOSED', 'stream is closed'))
    return new Promise((resolve, reject) => {
      const onAbort = (): void => waiter.settle(signal?.reason)
      const waiter: Waiter = {
        ...goal,
        settle: error => {
          this.#waiters.delete(waiter)
          signal?.removeEventListener('abort', onAbort)
          if (error === undefined) resolve()
          else reject(error)
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', onAbort)
    })
  }

  #look(): void {
    for (const waiter of [...this.#waiters]) {
      if (waiter.isMet()) waiter.settle()
      else {
        const error = waiter.hopeless()
        if (error) waiter.settle(error)
      }
    }
  }
}
