import { hash } from 'node:crypto'
import type { Asset } from '@ilp/service-core'
import {
  type ConnectionAssetDetails,
  type ConnectionClose,
  ErrorCode,
  type Frame,
  FrameType,
  PACKETS_MAX,
  RECEIPT_STREAM_ID_MAX,
  type ReceivedStreamPacket,
  type StreamFrame,
  StreamKeys,
} from '@ilp/stream-packet'
import * as answers from './answers.js'
import type { OpenedCredentials, ReceiptSetup } from './credentials.js'
import { divide, type Part, type Stream } from './shares.js'

/** A Prepare whose data was decrypted under the connection's keys. */
export interface Arrival {
  readonly packet: ReceivedStreamPacket
  /** What the Prepare brings, in the receiver's unit. */
  readonly amount: bigint
  /** Whether its condition is the one that the receiver can fulfill. */
  readonly fulfillable: boolean
  readonly asset: Asset
}

/** What becomes of a packet: the frames of its answer, and the money that it brings or why it is refused. */
export type Outcome =
  | { readonly fulfilled: true; readonly frames: readonly Frame[]; readonly money: readonly Part[] }
  | { readonly fulfilled: false; readonly frames: readonly Frame[]; readonly reason: string }

/** What a packet's frames say of one stream. */
interface Mention extends Part {
  /** Whether money is for it; `units` are its shares. */
  money: boolean
  /** Whether there are bytes for it. */
  data: boolean
  dataBlocked: boolean
  closes: boolean
}

/**
 * The receiver's end of a connection (RFC 29): what is remembered between its packets, and the rules for each packet.
 * All but the keys and the terms may be forgotten at any time; then totals begin at 0 again.
 */
export class Connection {
  readonly account: string
  readonly keys: StreamKeys
  readonly tag: string | undefined
  /** Packets answered so far. */
  packets = 0
  readonly #receipts: ReceiptSetup | undefined
  readonly #openStreamsMax: number
  readonly #streams = new Map<number, Stream>()
  #closedStreams = 0
  /** A hash of the sender's asset details: they may be long. */
  #senderAsset: string | undefined
  /** Why this end has closed the connection: the answer to every packet that still comes. */
  #closed: ConnectionClose | undefined

  constructor(credentials: OpenedCredentials, openStreamsMax: number) {
    this.account = credentials.destinationAccount
    this.keys = new StreamKeys(credentials.sharedSecret)
    this.tag = credentials.tag
    this.#receipts = credentials.receipts
    this.#openStreamsMax = openStreamsMax
  }

  /** Whether nothing may be encrypted under the connection's keys any more (RFC 29 section 5.1.3). */
  get exhausted(): boolean {
    return this.packets >= PACKETS_MAX
  }

  /** The largest stream id that the sender may use. A stream that is closed makes room for another. */
  get #maxStreamId(): number {
    return Math.min(2 * (this.#openStreamsMax + this.#closedStreams), RECEIPT_STREAM_ID_MAX)
  }

  /** Decides on a packet, and books what it brings. */
  take({ packet, amount, fulfillable, asset }: Arrival): Outcome {
    this.packets += 1
    const violation = this.#closed ?? this.#violation(packet)
    if (violation) return this.#close(violation)

    const mentions = this.#mentions(packet.frames)
    const parts: Part[] = mentions.filter(mention => mention.money)
    const reason = refusal(packet, amount, fulfillable, mentions)
    if (reason === undefined && !this.#book(amount, parts)) {
      return this.#close(
        answers.connectionClose(ErrorCode.FlowControlError, 'more money than a stream can receive'),
      )
    }
    const frames: Frame[] = []
    for (const mention of mentions) this.#answerStream(frames, mention)
    this.#answerConnection(frames, packet.frames, asset)
    if (reason !== undefined) return { fulfilled: false, frames, reason }

    for (const { stream } of parts) {
      if (!mentionOf(stream, mentions)) frames.push(answers.maxMoney(stream))
      if (this.#receipts) frames.push(answers.receipt(stream, this.#receipts))
    }
    return { fulfilled: true, frames, money: parts }
  }

  #close(frame: ConnectionClose): Outcome {
    this.#closed = frame
    return { fulfilled: false, frames: [frame], reason: frame.errorMessage }
  }

  /** What the packet does that no sender may do, as the frame that closes the connection. */
  #violation({ frames, frameError }: ReceivedStreamPacket): ConnectionClose | undefined {
    // The last packet that may be answered is spent on saying so.
    if (this.exhausted) {
      return answers.connectionClose(ErrorCode.NoError, 'connection has had its last packet')
    }
    if (frameError !== undefined) return answers.connectionClose(ErrorCode.FrameFormatError, frameError)
    for (const frame of frames) {
      if (frame.type === FrameType.ConnectionAssetDetails && this.#contradicts(frame)) {
        return answers.connectionClose(ErrorCode.ProtocolViolation, 'asset details have changed')
      }
      if (!namesStream(frame)) continue
      if (frame.streamId % 2n === 0n) {
        const message = `stream ${frame.streamId} is none that a client can open`
        return answers.connectionClose(ErrorCode.ProtocolViolation, message)
      }
      if (frame.streamId > this.#maxStreamId) {
        const message = `stream ${frame.streamId} is above the maximum of ${this.#maxStreamId}`
        return answers.connectionClose(ErrorCode.StreamIdError, message)
      }
    }
    return undefined
  }

  /** Whether the sender has had other asset details before. */
  #contradicts({ sourceAssetCode, sourceAssetScale }: ConnectionAssetDetails): boolean {
    const asset = hash('sha256', `${sourceAssetScale} ${sourceAssetCode}`, 'hex')
    this.#senderAsset ??= asset
    return asset !== this.#senderAsset
  }

  /** What the frames say of each stream that they name. */
  #mentions(frames: readonly Frame[]): Mention[] {
    const mentions: Mention[] = []
    for (const frame of frames) {
      if (!namesStream(frame)) continue
      const stream = this.#stream(Number(frame.streamId))
      let mention = mentionOf(stream, mentions)
      if (!mention) {
        mention = { stream, units: 0n, money: false, data: false, dataBlocked: false, closes: false }
        mentions.push(mention)
      }
      if (frame.type === FrameType.StreamMoney) {
        mention.money = true
        mention.units += frame.shares
      } else if (frame.type === FrameType.StreamData) mention.data ||= frame.data.length > 0
      else if (frame.type === FrameType.StreamDataBlocked) mention.dataBlocked = true
      else if (frame.type === FrameType.StreamClose) mention.closes = true
    }
    return mentions
  }

  /** The stream of this id, opened if it has to be. Ids are bounded, and with them the number of streams. */
  #stream(id: number): Stream {
    const known = this.#streams.get(id)
    if (known) return known
    const stream: Stream = { id, totalReceived: 0n, closed: false }
    this.#streams.set(id, stream)
    return stream
  }

  /** Turns the shares into amounts and adds them to the totals; false when a total would be too large. */
  #book(amount: bigint, parts: Part[]): boolean {
    if (!divide(amount, parts, this.#streams.values())) return false
    for (const { stream, units } of parts) stream.totalReceived += units
    return true
  }

  #answerStream(answer: Frame[], { stream, money, data, dataBlocked, closes }: Mention): void {
    if (data || dataBlocked) answer.push(answers.noStreamData(stream))
    if (data) answer.push(answers.takesNoData(stream))
    else if (money && stream.closed) answer.push(answers.streamIsClosed(stream))
    if (!stream.closed && (data || closes)) {
      stream.closed = true
      this.#closedStreams += 1
      answer.push(answers.maxStreamId(this.#maxStreamId))
    }
    if (!stream.closed) answer.push(answers.maxMoney(stream))
  }

  #answerConnection(answer: Frame[], frames: readonly Frame[], asset: Asset): void {
    if (includes(frames, FrameType.ConnectionNewAddress)) {
      answer.push(answers.assetDetails(asset), answers.maxStreamId(this.#maxStreamId), answers.NO_DATA)
    }
    if (includes(frames, FrameType.ConnectionStreamIdBlocked)) {
      answer.push(answers.maxStreamId(this.#maxStreamId))
    }
    if (includes(frames, FrameType.ConnectionDataBlocked)) answer.push(answers.NO_DATA)
    if (!includes(frames, FrameType.ConnectionClose)) return
    // The sender may connect again with the same credentials. Totals go on: receipts never fall.
    for (const stream of this.#streams.values()) stream.closed = false
    this.#closedStreams = 0
    this.#senderAsset = undefined
  }
}

/** Why a packet that breaks no rule is refused all the same. */
function refusal(
  packet: ReceivedStreamPacket,
  amount: bigint,
  fulfillable: boolean,
  mentions: readonly Mention[],
): string | undefined {
  if (amount < packet.prepareAmount) return 'amount is below the minimum'
  if (!fulfillable) return 'condition can not be fulfilled'
  // A Fulfill would tell the sender that its data has arrived (RFC 29 section 3.6).
  if (mentions.some(({ data }) => data)) return 'this receiver takes money, not data'
  if (mentions.some(({ money, stream }) => money && stream.closed)) return 'stream is closed'
  // Each unit has to belong to a stream, or no receipt would ever speak of it.
  if (amount > 0n && !mentions.some(({ units }) => units > 0n)) return 'money is for no stream'
  return undefined
}

const namesStream = (frame: Frame): frame is StreamFrame => frame.type >= FrameType.StreamClose

function mentionOf(stream: Stream, mentions: readonly Mention[]): Mention | undefined {
  for (const mention of mentions) if (mention.stream === stream) return mention
  return undefined
}

function includes(frames: readonly Frame[], type: Frame['type']): boolean {
  for (const frame of frames) if (frame.type === type) return true
  return false
}
