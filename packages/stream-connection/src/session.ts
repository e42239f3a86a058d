import type { Asset, Prepare, Reply } from '@ilp/service-core'
import { type ConnectionClose, ErrorCode, IlpPacketType, type ReceivedStreamPacket } from '@ilp/stream-packet'
import type { Rate } from '@ilp/stream-path'
import type { Connection, RejectInfo } from './connection.js'
import { End, type EndDeps } from './end.js'
import { StreamError } from './errors.js'
import { type Accept, Receiving } from './receiving.js'
import { Sending } from './sending.js'
import { Arrivals } from './signal.js'
import type { Stream } from './stream.js'
import { messageOf } from './web-streams.js'

/** Streams that are kept for somebody to take them. */
const STREAMS_KEPT_MAX = 1_000

export interface SessionDeps extends EndDeps {
  readonly tag: string | undefined
  readonly accept: Accept | undefined
  /** It is over, and the other end has been told. */
  readonly onClosed: () => void
}

/** A connection: its end, what sends, and what receives. */
export class Session implements Connection {
  readonly isServer: boolean
  readonly tag: string | undefined
  readonly closed: Promise<StreamError | undefined>
  readonly #deps: SessionDeps
  readonly #end: End
  readonly #sending: Sending
  readonly #receiving: Receiving
  readonly #streams: Arrivals<Stream>
  #isClosing = false
  #onClosed: (error: StreamError | undefined) => void = () => {}

  constructor(deps: SessionDeps) {
    this.#deps = deps
    this.isServer = deps.isServer
    this.tag = deps.tag
    this.#streams = new Arrivals(deps.logger, STREAMS_KEPT_MAX)
    this.closed = new Promise(resolve => {
      this.#onClosed = resolve
    })
    this.#end = new End(deps, {
      onChange: () => this.#sending.changed(),
      onStream: stream => this.#streams.push(stream),
      onOver: (error, words) => void this.#onOver(error, words),
    })
    this.#sending = new Sending(this.#end)
    this.#receiving = new Receiving(this.#end, deps.accept)
    this.#sending.changed()
  }

  get isOpen(): boolean {
    return !this.#end.over && !this.#isClosing
  }

  get address(): string {
    return this.#deps.address()
  }

  get peerAddress(): string | undefined {
    return this.#end.peer.address
  }

  get asset(): Asset | undefined {
    return this.#deps.link.asset()
  }

  get peerAsset(): Asset | undefined {
    return this.#end.peer.asset
  }

  get rate(): Rate | undefined {
    return this.#end.path.estimate?.low
  }

  get minRate(): Rate | undefined {
    return this.#end.path.minimum?.rate
  }

  get maxPacketAmount(): bigint {
    return this.#end.path.limit.max
  }

  get totalSent(): bigint {
    return this.#end.totalSent
  }

  get totalDelivered(): bigint {
    return this.#end.totalDelivered
  }

  get totalReceived(): bigint {
    return this.#end.totalReceived
  }

  get unknown(): bigint {
    return this.#end.unknown
  }

  get lastReject(): RejectInfo | undefined {
    return this.#sending.lastReject
  }

  readonly createStream = (): Stream => {
    if (!this.isOpen) throw new StreamError('ERR_STREAM_CLOSED', 'connection is closed')
    if (!this.#end.ids.mayOpen) {
      this.#end.idBlocked.raise()
      this.#sending.changed()
      throw new StreamError('ERR_STREAM_LIMIT', 'the other end takes no more streams for now')
    }
    const stream = this.#end.openStream()
    this.#sending.changed()
    return stream
  }

  readonly on = (_event: 'stream', listener: (stream: Stream) => void) => this.#streams.add(listener)

  readonly close = async (): Promise<void> => {
    if (!this.#isClosing) {
      this.#isClosing = true
      await Promise.all([...this.#end.streams.values()].map(stream => stream.close()))
      this.#end.finish(undefined, ErrorCode.NoError)
    }
    await this.closed
  }

  readonly destroy = async (reason?: unknown): Promise<void> => {
    const message = reason === undefined ? 'connection destroyed' : messageOf(reason)
    this.#end.finish(new StreamError('ERR_STREAM_CLOSED', message), ErrorCode.ApplicationError, message)
    await this.closed
  }

  readonly [Symbol.asyncDispose] = (): Promise<void> => this.close()

  readonly [Symbol.asyncIterator] = (): AsyncIterator<Stream> => this.#streams[Symbol.asyncIterator]()

  // What the client and the server do.

  /** Greets the other end and finds out the path; settles when that is done, and fails with the connection. */
  async connect(timeoutMs: number): Promise<void> {
    this.#sending.connect()
    const timeout = new StreamError('ERR_STREAM_UNREACHABLE', `nobody answered within ${timeoutMs} ms`)
    const timer = setTimeout(() => this.#end.finish(timeout), timeoutMs)
    try {
      const error = await Promise.race([this.#sending.connected, this.closed])
      if (error) throw error
      if (this.#end.over) throw new StreamError('ERR_STREAM_CLOSED_BY_PEER', 'closed by the other end')
    } finally {
      clearTimeout(timer)
    }
  }

  decrypt(prepare: Prepare): ReceivedStreamPacket | undefined {
    return this.#end.keys.decrypt(prepare.data, IlpPacketType.Prepare)
  }

  /** @param packet the data of the Prepare, which only the other end can have made */
  receive(prepare: Prepare, packet: ReceivedStreamPacket): Promise<Reply> {
    const reply = this.#receiving.answer(prepare, packet)
    this.#sending.changed()
    return Promise.resolve(reply)
  }

  async #onOver(error: StreamError | undefined, words: ConnectionClose | undefined): Promise<void> {
    this.#streams.end()
    await this.#sending.close(words)
    this.#onClosed(error)
    this.#deps.onClosed()
  }
}
