import { Prepare, type Reply } from '@ilp/service-core'
import { type Frame, IlpPacketType, type ReceivedStreamPacket, StreamKeys } from '@ilp/stream-packet'

/** Octets of a condition. */
const CONDITION_LENGTH = 32

/** What a packet is for. `probe` can't be fulfilled, `money` is meant to; `control` carries frames and no money. */
export type Purpose = 'probe' | 'money' | 'control'

export interface PacketFields {
  readonly purpose: Purpose
  /** In the sender's unit. */
  readonly amount: bigint
  /** What has to arrive. */
  readonly minimum: bigint
  /** What is expected to arrive at most. */
  readonly most: bigint
  readonly frames: readonly Frame[]
  readonly expiresAtMs: number
}

/** A packet that was sent. */
export interface Packet extends PacketFields {
  readonly sequence: number
  readonly prepare: Prepare
  /** Whether what became of it is unknown: there was no answer in time, or one that proves nothing. */
  lost: boolean
}

/** The packets of one connection: numbers them, and reads the answers. */
export class Packets {
  /** The sequence number of the last packet: how many there were. */
  last = 0
  readonly #keys: StreamKeys
  readonly #destination: string

  constructor(destination: string, sharedSecret: Uint8Array) {
    this.#keys = new StreamKeys(sharedSecret)
    this.#destination = destination
  }

  create({ purpose, amount, minimum, most, frames, expiresAtMs }: PacketFields): Packet {
    this.last += 1
    const data = this.#keys.encrypt({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: BigInt(this.last),
      prepareAmount: minimum,
      frames,
    })
    const executionCondition = purpose === 'probe' ? randomCondition() : this.#keys.condition(data)
    const expiresAt = new Date(expiresAtMs)
    const destination = this.#destination
    const prepare = Prepare.create({ units: amount, expiresAt, executionCondition, destination, data })
    const sequence = this.last
    return { purpose, amount, minimum, most, frames, expiresAtMs, sequence, prepare, lost: false }
  }

  /** The receiver's words in a reply; undefined unless it made them for this packet and this type of reply. */
  read(packet: Packet, reply: Reply): ReceivedStreamPacket | undefined {
    const stream = this.#keys.decrypt(reply.data, reply.type as IlpPacketType)
    return stream?.sequence === BigInt(packet.sequence) ? stream : undefined
  }
}

/** Nobody knows its preimage. */
const randomCondition = (): Uint8Array => crypto.getRandomValues(new Uint8Array(CONDITION_LENGTH))
