import { type Fulfill, isFulfill, Prepare, type Reject, type Reply } from '@ilp/service-core'
import { IlpPacketType, type ReceivedStreamPacket } from '@ilp/stream-packet'
import type { Draft } from './composer.js'
import type { End } from './end.js'

/** How long behind its expiry an answer is waited for. By its contract, the link answers before. */
const GRACE_MS = 500
const CONDITION_LENGTH = 32

/** What a packet is for. Nobody can fulfill a `probe`. */
export type Purpose = 'frames' | 'probe' | 'close'

/** A packet that was sent. */
export interface Packet extends Draft {
  readonly purpose: Purpose
  readonly sequence: number
  readonly destination: string
  readonly prepare: Prepare
  /** Whether there was no answer in time. */
  isLost: boolean
}

/** Told what becomes of packets. */
export interface FlightListener {
  /** @param words the other end's own, if it was the one that answered */
  readonly onFulfill: (packet: Packet, reply: Fulfill, words: ReceivedStreamPacket | undefined) => void
  readonly onReject: (packet: Packet, reply: Reject, words: ReceivedStreamPacket | undefined) => void
  /** There was no answer in time. There may be one yet. */
  readonly onLost: (packet: Packet) => void
  /** The link threw. */
  readonly onThrow: (packet: Packet, error: unknown) => void
}

/** Packets out, answers in, and what is between. */
export class Flight {
  /** The sequence number of the last packet. */
  last = 0
  /** Money that waits for its answer. */
  money = 0n
  readonly #end: End
  readonly #listener: FlightListener
  /** In the order in which they expire, but for closing ones. */
  readonly #waiting = new Set<Packet>()

  constructor(end: End, listener: FlightListener) {
    this.#end = end
    this.#listener = listener
  }

  get size(): number {
    return this.#waiting.size
  }

  /** When the first packet is given up. */
  get lostAtMs(): number {
    for (const { prepare } of this.#waiting) return prepare.expiresAtMs + GRACE_MS
    return Number.POSITIVE_INFINITY
  }

  send(purpose: Purpose, draft: Draft, destination: string, timeoutMs: number): Packet {
    const { keys, deps } = this.#end
    this.last += 1
    const data = this.#end.encrypt({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: BigInt(this.last),
      prepareAmount: draft.minimum,
      frames: draft.frames,
    })
    const prepare = Prepare.create({
      units: draft.amount,
      expiresAt: new Date(deps.now() + timeoutMs),
      executionCondition: purpose === 'probe' ? randomCondition() : keys.condition(data),
      destination,
      data,
    })
    const packet: Packet = { ...draft, purpose, sequence: this.last, destination, prepare, isLost: false }
    this.#waiting.add(packet)
    this.money += packet.amount
    this.#call(packet).then(
      reply => this.#onReply(packet, reply),
      (error: unknown) => {
        this.#land(packet)
        this.#listener.onThrow(packet, error)
      },
    )
    return packet
  }

  /** Gives up packets that should have been answered by now. */
  expire(nowMs: number): void {
    for (const packet of this.#waiting) {
      if (packet.prepare.expiresAtMs + GRACE_MS > nowMs) return
      this.#land(packet)
      packet.isLost = true
      this.#listener.onLost(packet)
    }
  }

  async #call(packet: Packet): Promise<Reply> {
    return this.#end.deps.link.send(packet.prepare)
  }

  #onReply(packet: Packet, reply: Reply): void {
    this.#land(packet)
    const words = this.#read(packet, reply)
    if (isFulfill(reply)) this.#listener.onFulfill(packet, reply, words)
    else this.#listener.onReject(packet, reply, words)
  }

  /** What the other end says in a reply: undefined unless it was made for this packet and this type of reply. */
  #read({ sequence }: Packet, reply: Reply): ReceivedStreamPacket | undefined {
    const words = this.#end.keys.decrypt(reply.data, reply.type as IlpPacketType)
    return words?.sequence === BigInt(sequence) ? words : undefined
  }

  #land(packet: Packet): void {
    if (this.#waiting.delete(packet)) this.money -= packet.amount
  }
}

/** Nobody knows its preimage. */
const randomCondition = (): Uint8Array => crypto.getRandomValues(new Uint8Array(CONDITION_LENGTH))
