import {
  applicationError,
  Fulfill,
  type Logger,
  type Prepare,
  type Reject,
  type Reply,
} from '@ilp/service-core'
import {
  ErrorCode,
  type Frame,
  FrameType,
  IlpPacketType,
  RECEIPT_STREAM_ID_MAX,
  type ReceivedStreamPacket,
  type StreamData,
  type StreamFrame,
} from '@ilp/stream-packet'
import type { End } from './end.js'
import * as frames from './frames.js'
import type { MoneyStream } from './money-stream.js'
import { divide, type Part } from './shares.js'

/** Money that is about to be taken, as the application is asked. */
export interface Offer {
  /** What the packet brings, in this end's unit, more than 0. */
  readonly amount: bigint
  /** What of it is for which stream. */
  readonly parts: readonly { readonly streamId: number; readonly amount: bigint }[]
}

/** Asked before money is taken; false refuses the packet. What it throws does so too, and is logged. */
export type Accept = (offer: Offer) => boolean | Promise<boolean>

/** Octets of an answer that speak of streams, receipts aside. */
const STREAM_FRAMES_MAX = 20_000

type MoneyPart = Part<MoneyStream>

/** What a packet is answered with: its money, or why it is refused. */
type Decision = { readonly parts: readonly MoneyPart[] } | { readonly refused: string }

const refused = (reason: string): Decision => ({ refused: reason })

/** Answers the packets that the other end sends. */
export class Receiving {
  readonly #end: End
  readonly #accept: Accept | undefined
  readonly #logger: Logger

  constructor(end: End, accept: Accept | undefined) {
    this.#end = end
    this.#accept = accept
    this.#logger = end.deps.logger
  }

  /** @param packet the data of the Prepare, which only the other end can have made */
  answer(prepare: Prepare, packet: ReceivedStreamPacket): Promise<Reply> | Reply {
    const end = this.#end
    // Nothing more may be encrypted under these keys.
    if (end.packetsLeft <= 0)
      return applicationError(end.deps.address(), 'connection has had its last packet')
    end.heard()
    if (!end.over) this.#listen(packet)
    if (end.over) return this.#reject(prepare, packet, 'connection is closed')
    const decision = this.#decide(prepare, packet)
    if ('refused' in decision) return this.#reject(prepare, packet, decision.refused)
    if (this.#accept && prepare.units > 0n) return this.#ask(prepare, packet, decision.parts)
    return this.#fulfill(prepare, packet, decision.parts)
  }

  /** Opens streams and hears what is said. A broken rule ends the connection. */
  #listen(packet: ReceivedStreamPacket): void {
    const end = this.#end
    if (packet.frameError !== undefined) return end.violated(ErrorCode.FrameFormatError, packet.frameError)
    for (const frame of packet.frames) {
      if (!opensStream(frame)) continue
      const id = frame.streamId
      const state = end.ids.stateOf(id, end.streams.has(frames.toNumber(id)))
      if (state === 'wrongParity') {
        return end.violated(ErrorCode.ProtocolViolation, `stream ${id} is not the other end's to open`)
      }
      if (state === 'tooLarge') {
        return end.violated(ErrorCode.StreamIdError, `stream ${id} is above the maximum of ${end.ids.max}`)
      }
      if (state === 'new') end.acceptStream(Number(id))
    }
    // The stream is closed behind the data that comes in the same packet.
    end.hear(packet.frames.filter(({ type }) => type !== FrameType.StreamClose))
  }

  #decide(prepare: Prepare, packet: ReceivedStreamPacket): Decision {
    const end = this.#end
    if (prepare.units < packet.prepareAmount) return refused('amount is below the minimum')
    if (!end.keys.condition(prepare.data).equals(prepare.executionCondition)) {
      return refused('condition can not be fulfilled')
    }
    const parts: MoneyPart[] = []
    const data: { stream: MoneyStream; frame: StreamData }[] = []
    for (const frame of packet.frames) {
      if (frame.type !== FrameType.StreamMoney && frame.type !== FrameType.StreamData) continue
      const stream = end.streams.get(frames.toNumber(frame.streamId))
      if (!stream?.isOpen) return refused('stream is closed')
      if (frame.type === FrameType.StreamData) data.push({ stream, frame })
      else {
        const part = parts.find(({ target }) => target === stream)
        if (part) part.units += frame.shares
        else parts.push({ target: stream, units: frame.shares })
      }
    }
    const money = this.#divide(prepare.units, parts)
    if (money !== undefined) return refused(money)
    for (const { stream, frame } of data) {
      const problem = this.#takeData(stream, frame)
      if (problem !== undefined) return refused(problem)
    }
    end.hear(packet.frames.filter(({ type }) => type === FrameType.StreamClose))
    return { parts }
  }

  /** Turns shares into amounts; what is left over goes to the lowest-numbered open stream with room. */
  #divide(amount: bigint, parts: MoneyPart[]): string | undefined {
    if (amount === 0n) {
      parts.length = 0
      return undefined
    }
    if (!parts.some(({ units }) => units > 0n)) return 'money is for no stream'
    const rest = divide(amount, parts)
    if (rest > 0n && !this.#giveRest(rest, parts)) return 'no stream has room'
    return parts.every(({ target, units }) => target.money.hasRoom(units))
      ? undefined
      : 'no room for the money'
  }

  #giveRest(rest: bigint, parts: MoneyPart[]): boolean {
    let lowest: MoneyPart | undefined
    for (const stream of this.#end.streams.values()) {
      if (!stream.isOpen || (lowest && lowest.target.id < stream.id)) continue
      const part = parts.find(({ target }) => target === stream) ?? { target: stream, units: 0n }
      if (stream.money.hasRoom(part.units + rest)) lowest = part
    }
    if (!lowest) return false
    lowest.units += rest
    if (!parts.includes(lowest)) parts.push(lowest)
    return true
  }

  /** Why the data can't be taken, if that is so. */
  #takeData(stream: MoneyStream, { offset, data }: StreamData): string | undefined {
    const end = this.#end
    const at = frames.toNumber(offset)
    const more = stream.inbox.advance(at, data.length)
    if (end.received + more > end.dataMax) {
      end.violated(ErrorCode.FlowControlError, 'more data than the connection takes')
      return 'more data than the connection takes'
    }
    switch (stream.inbox.take(at, data)) {
      case 'taken':
        end.received += more
        stream.onData()
        return undefined
      case 'tooScattered':
        return 'too many gaps in the data'
      case 'overlaps':
        end.violated(ErrorCode.ProtocolViolation, `fragments of stream ${stream.id} overlap`)
        return 'fragments overlap'
      case 'beyondWindow':
        end.violated(ErrorCode.FlowControlError, `more data than stream ${stream.id} takes`)
        return 'more data than the stream takes'
    }
  }

  async #ask(prepare: Prepare, packet: ReceivedStreamPacket, parts: readonly MoneyPart[]): Promise<Reply> {
    for (const { target, units } of parts) target.money.held += units
    let accepted = false
    try {
      const offered = parts.map(({ target, units }) => ({ streamId: target.id, amount: units }))
      accepted = (await this.#accept?.({ amount: prepare.units, parts: offered })) ?? true
    } catch (err) {
      this.#logger.error({ err }, 'accept failed')
    }
    for (const { target, units } of parts) target.money.held -= units
    if (this.#end.packetsLeft <= 0) return applicationError(this.#end.deps.address(), 'no packets are left')
    return accepted
      ? this.#fulfill(prepare, packet, parts)
      : this.#reject(prepare, packet, 'the application refused the money')
  }

  #fulfill(prepare: Prepare, packet: ReceivedStreamPacket, parts: readonly MoneyPart[]): Fulfill {
    const end = this.#end
    end.totalReceived += prepare.units
    for (const { target, units } of parts) target.onMoney(units)
    const answer = this.#frames(packet.frames)
    const { receipts } = end.deps
    for (const { target } of parts) {
      if (!mentions(packet.frames, target)) answer.push(frames.streamMaxMoney(target))
      if (receipts && target.id <= RECEIPT_STREAM_ID_MAX) answer.push(frames.streamReceipt(target, receipts))
    }
    const { sequence } = packet
    const data = end.encrypt({
      ilpPacketType: IlpPacketType.Fulfill,
      sequence,
      prepareAmount: prepare.units,
      frames: answer,
    })
    return Fulfill.create({ fulfillment: end.keys.fulfillment(prepare.data), data })
  }

  #reject(prepare: Prepare, packet: ReceivedStreamPacket, reason: string): Reject {
    const { over } = this.#end
    const data = this.#end.encrypt({
      ilpPacketType: IlpPacketType.Reject,
      sequence: packet.sequence,
      prepareAmount: prepare.units,
      frames: over ? [over] : this.#frames(packet.frames),
    })
    return applicationError(this.#end.deps.address(), reason, data)
  }

  /** What the answer to these frames says. */
  #frames(heard: readonly Frame[]): Frame[] {
    const end = this.#end
    const asset = end.deps.link.asset()
    const answer: Frame[] = []
    const greets = heard.some(({ type }) => type === FrameType.ConnectionNewAddress)
    const blocked = heard.some(({ type }) => type === FrameType.ConnectionDataBlocked)
    const idBlocked = heard.some(({ type }) => type === FrameType.ConnectionStreamIdBlocked)
    if (greets && asset) answer.push(frames.assetDetails(asset))
    if (greets || idBlocked || end.maxStreamId.isDue) {
      end.maxStreamId.acknowledge(end.maxStreamId.take())
      answer.push(frames.maxStreamId(end.ids.max))
    }
    if (greets || blocked || end.maxData.isDue) {
      end.maxData.acknowledge(end.maxData.take())
      answer.push(frames.maxData(end.dataMax))
    }
    this.#streamFrames(heard, answer)
    return answer
  }

  #streamFrames(heard: readonly Frame[], answer: Frame[]): void {
    const end = this.#end
    const named = new Set<bigint>()
    let room = STREAM_FRAMES_MAX
    for (const frame of heard) if (namesStream(frame)) named.add(frame.streamId)
    for (const stream of [...end.streams.values()]) {
      const isNamed = named.delete(BigInt(stream.id))
      if (room < 0) return
      if (!stream.isOpen) {
        if (!stream.closing.isDue && !isNamed) continue
        room -= frames.FRAME_OVERHEAD + 3 * stream.closeMessage.length
        answer.push(frames.streamClose(stream.id, stream.closeCode, stream.closeMessage))
        // Where no Prepare can say it, this is the only way.
        if (end.peer.address === undefined) stream.closing.acknowledge(stream.closing.take())
        stream.review()
      } else if (isNamed || stream.limits.isDue) {
        room -= 2 * frames.FRAME_OVERHEAD
        stream.limits.acknowledge(stream.limits.take())
        answer.push(frames.streamMaxMoney(stream), frames.streamMaxData(stream))
      }
    }
    // What is left is closed, and forgotten.
    for (const frame of heard) {
      if (frame.type !== FrameType.StreamMoney && frame.type !== FrameType.StreamData) continue
      if (room < 0 || !named.delete(frame.streamId)) continue
      room -= 2 * frames.FRAME_OVERHEAD
      answer.push(
        frames.streamClose(frames.toNumber(frame.streamId), ErrorCode.StreamStateError, 'stream is closed'),
      )
    }
  }
}

const namesStream = (frame: Frame): frame is StreamFrame => frame.type >= FrameType.StreamClose

/** Frames of a Prepare that make a stream be there, and may come for one that isn't. */
const opensStream = (frame: Frame): frame is StreamFrame =>
  namesStream(frame) && frame.type !== FrameType.StreamClose && frame.type !== FrameType.StreamReceipt

const mentions = (heard: readonly Frame[], { id }: MoneyStream): boolean =>
  heard.some(frame => namesStream(frame) && frame.streamId === BigInt(id))
