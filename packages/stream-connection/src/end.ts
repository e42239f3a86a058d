import { UINT64_MAX } from '@ilp/oer'
import type { Logger } from '@ilp/service-core'
import {
  type ConnectionClose,
  ErrorCode,
  type Frame,
  FrameType,
  PACKETS_MAX,
  StreamKeys,
  type StreamPacket,
} from '@ilp/stream-packet'
import { Congestion, type Rate } from '@ilp/stream-path'
import { StreamError } from './errors.js'
import type { ReceiptSetup } from './frames.js'
import { toNumber } from './frames.js'
import type { Link } from './link.js'
import { MoneyStream, type StreamHost } from './money-stream.js'
import { Notice } from './notice.js'
import { Path } from './path.js'
import { Peer } from './peer.js'
import type { Settings } from './settings.js'
import { StreamIds } from './stream-ids.js'

/** Characters of an error message that the other end is told. */
const MESSAGE_LENGTH_MAX = 200

export interface EndDeps {
  readonly link: Link
  readonly sharedSecret: Uint8Array
  readonly isServer: boolean
  /** This end's own address; empty when it can't receive. */
  readonly address: () => string
  readonly peerAddress: string | undefined
  readonly receipts: ReceiptSetup | undefined
  readonly minRate: Rate | undefined
  readonly settings: Settings
  readonly logger: Logger
  readonly now: () => number
  readonly random: () => number
}

/** Told by an end of what happens to it as a whole. */
export interface EndListener {
  readonly onChange: () => void
  readonly onStream: (stream: MoneyStream) => void
  /** It is over. With `words`, the other end has to be told. */
  readonly onOver: (error: StreamError | undefined, words: ConnectionClose | undefined) => void
}

/** One end of a connection: what is remembered from packet to packet, whichever way they go. */
export class End {
  readonly deps: EndDeps
  readonly settings: Settings
  readonly keys: StreamKeys
  readonly ids: StreamIds
  readonly peer: Peer
  readonly path: Path
  readonly congestion: Congestion
  readonly streams = new Map<number, MoneyStream>()
  /** This end's address and asset. */
  readonly greeting = new Notice()
  readonly maxStreamId = new Notice()
  readonly maxData = new Notice()
  /** That a stream could not be opened. */
  readonly idBlocked = new Notice()
  /** Bytes that have come on all streams, gaps included, and those of them that are not kept any more. */
  received = 0
  consumed = 0
  /** Bytes that were sent on all streams. */
  sentData = 0
  totalSent = 0n
  totalDelivered = 0n
  totalReceived = 0n
  unknown = 0n
  /** What is said of the connection once it is over. */
  over: ConnectionClose | undefined
  lastHeardMs: number
  #packets = 0
  readonly #listener: EndListener
  readonly #host: StreamHost

  constructor(deps: EndDeps, listener: EndListener) {
    const { settings, isServer } = deps
    this.deps = deps
    this.settings = settings
    this.keys = new StreamKeys(deps.sharedSecret)
    this.ids = new StreamIds(isServer, settings.peerStreamsMax)
    this.peer = new Peer(deps.peerAddress)
    this.path = new Path(settings.maxPacketAmount, settings.slippagePpm, deps.minRate)
    this.congestion = new Congestion(settings.inFlightMax, UINT64_MAX, deps.random)
    this.lastHeardMs = deps.now()
    this.#listener = listener
    this.#host = {
      logger: deps.logger,
      receiveMax: settings.receiveMax,
      bufferBytes: settings.streamBufferBytes,
      isWorthless: units => this.path.isWorthless(units),
      changed: listener.onChange,
      onConsumed: bytes => this.#onConsumed(bytes),
      onGone: stream => this.#onGone(stream),
    }
  }

  /** The bytes that may come on this connection in all. Never falls. */
  get dataMax(): number {
    return this.consumed + this.settings.connectionBufferBytes
  }

  /** Packets that may be encrypted yet: there are 2^31 for each end (RFC 29 section 5.1.3). */
  get packetsLeft(): number {
    return PACKETS_MAX - this.#packets
  }

  encrypt(packet: StreamPacket): Buffer {
    this.#packets += 1
    return this.keys.encrypt(packet)
  }

  heard(): void {
    this.lastHeardMs = this.deps.now()
  }

  /** A stream of this end's. */
  openStream(): MoneyStream {
    return this.#add(this.ids.open())
  }

  /** A stream that the other end has opened. */
  acceptStream(id: number): MoneyStream {
    this.ids.openPeers(id)
    const stream = this.#add(id)
    this.#listener.onStream(stream)
    return stream
  }

  /** Frames that mean the same in Prepares and replies. */
  hear(frames: readonly Frame[]): void {
    for (const frame of frames) {
      if (this.over) return
      switch (frame.type) {
        case FrameType.ConnectionClose:
          this.#hearClose(frame)
          break
        case FrameType.ConnectionNewAddress:
          this.peer.hearAddress(frame.sourceAddress, this.deps.address())
          break
        case FrameType.ConnectionAssetDetails: {
          const asset = { code: frame.sourceAssetCode, scale: frame.sourceAssetScale }
          if (!this.peer.hearAsset(asset)) {
            this.violated(ErrorCode.ProtocolViolation, 'asset details have changed')
          }
          break
        }
        case FrameType.ConnectionMaxData:
          this.peer.hearMaxData(toNumber(frame.maxOffset))
          break
        case FrameType.ConnectionMaxStreamId:
          this.ids.hearMax(toNumber(frame.maxStreamId))
          break
        case FrameType.StreamClose:
          this.streams.get(toNumber(frame.streamId))?.hearClose(frame)
          break
        case FrameType.StreamMaxMoney:
          this.streams.get(toNumber(frame.streamId))?.money.peer.hearLimit(frame)
          break
        case FrameType.StreamMaxData:
          this.streams.get(toNumber(frame.streamId))?.outbox.hearMaxOffset(toNumber(frame.maxOffset))
          break
      }
    }
  }

  /** The other end has broken a rule: closes the connection. */
  violated(errorCode: number, message: string): void {
    this.finish(new StreamError('ERR_STREAM_PROTOCOL', message, errorCode), errorCode, message)
  }

  /** Ends the connection; with a code, the other end is told. */
  finish(error: StreamError | undefined, code?: number, message = ''): void {
    if (this.over) return
    const words: ConnectionClose = {
      type: FrameType.ConnectionClose,
      errorCode: code ?? ErrorCode.NoError,
      errorMessage: message.slice(0, MESSAGE_LENGTH_MAX),
    }
    this.over = words
    for (const stream of [...this.streams.values()]) stream.finish(error)
    this.#listener.onOver(error, code === undefined ? undefined : words)
  }

  #hearClose({ errorCode, errorMessage }: ConnectionClose): void {
    if (errorCode === ErrorCode.NoError) return this.finish(undefined)
    const message = `closed by the other end: ${errorMessage}`
    this.finish(new StreamError('ERR_STREAM_CLOSED_BY_PEER', message, errorCode))
  }

  #add(id: number): MoneyStream {
    const stream = new MoneyStream(id, this.#host)
    this.streams.set(id, stream)
    return stream
  }

  #onConsumed(bytes: number): void {
    const half = this.settings.connectionBufferBytes / 2
    const passesHalf = Math.floor((this.consumed + bytes) / half) > Math.floor(this.consumed / half)
    this.consumed += bytes
    if (!passesHalf || this.over) return
    this.maxData.raise()
    this.#listener.onChange()
  }

  #onGone(stream: MoneyStream): void {
    this.streams.delete(stream.id)
    if (this.ids.done(stream.id) && !this.over) {
      this.maxStreamId.raise()
      this.#listener.onChange()
    }
  }
}
