import { Prepare, type Reply } from '@ilp/service-core'
import {
  conditionOf,
  type Frame,
  IlpPacketType,
  type ReceivedStreamPacket,
  type StreamKeys,
  type StreamPacket,
} from '@ilp/stream-packet'

/** How long behind its expiry an answer is waited for. By its contract, whoever gives it answers before. */
const GRACE_MS = 500
const CONDITION_LENGTH = 32

/** What is to be sent in a packet. Senders add what they have to remember of it. */
export interface Load {
  /** What it is for. Nobody can fulfill a `probe`. */
  readonly purpose: string
  readonly destination: string
  /** In the sender's unit. */
  readonly amount: bigint
  /** What has to arrive, in the receiver's unit. */
  readonly minimum: bigint
  readonly frames: readonly Frame[]
  readonly expiresAtMs: number
}

/** A packet that was sent. */
export type Sent<L extends Load> = L & {
  readonly sequence: number
  readonly prepare: Prepare
  /** What its condition asks for, which but for this end only the other one can know. A probe has none. */
  readonly fulfillment: Uint8Array | undefined
  /** Money in flight when it was sent, its own included. */
  readonly underWay: bigint
  /** For its owner: whether it was booked as lost. There may be an answer yet. */
  isLost: boolean
}

export interface FlightDeps<L extends Load> {
  /** Of the connection. */
  readonly keys: Pick<StreamKeys, 'decrypt' | 'fulfillment'>
  /** `keys.encrypt`, and whatever has to be counted. */
  readonly encrypt: (packet: StreamPacket) => Buffer
  readonly send: (prepare: Prepare) => Promise<Reply>
  /** @param words the other end's own, if it was the one that answered; also for packets that were lost before */
  readonly onReply: (packet: Sent<L>, reply: Reply, words: ReceivedStreamPacket | undefined) => void
  /** There was no answer in time. */
  readonly onLost: (packet: Sent<L>) => void
  /** `send` threw: what became of the packet is unknown. */
  readonly onThrow: (packet: Sent<L>, error: unknown) => void
}

/** The packets of one end of a connection: numbers them, waits for their answers, and reads these. */
export class Flight<L extends Load> {
  /** The sequence number of the last packet: how many there were. */
  last = 0
  /** Money that waits for its answer. */
  money = 0n
  readonly #deps: FlightDeps<L>
  /** In the order in which they were sent, which but for the last is that in which they expire. */
  readonly #waiting = new Set<Sent<L>>()

  constructor(deps: FlightDeps<L>) {
    this.#deps = deps
  }

  /** Packets that wait for their answer. */
  get size(): number {
    return this.#waiting.size
  }

  /** When the first of them is given up: then `expire` has to be called. */
  get lostAtMs(): number {
    for (const { expiresAtMs } of this.#waiting) return expiresAtMs + GRACE_MS
    return Number.POSITIVE_INFINITY
  }

  /** @param load becomes the packet, and belongs to it from here on */
  send(load: L): Sent<L> {
    const { keys, encrypt } = this.#deps
    const { amount, destination } = load
    this.last += 1
    this.money += amount
    const data = encrypt({
      ilpPacketType: IlpPacketType.Prepare,
      sequence: BigInt(this.last),
      prepareAmount: load.minimum,
      frames: load.frames,
    })
    const fulfillment = load.purpose === 'probe' ? undefined : keys.fulfillment(data)
    const executionCondition = fulfillment ? conditionOf(fulfillment) : randomCondition()
    const expiresAt = new Date(load.expiresAtMs)
    const prepare = Prepare.create({ units: amount, expiresAt, executionCondition, destination, data })
    // A copy by spread would cost more than all the rest but the encryption.
    const packet = Object.assign(load, {
      sequence: this.last,
      prepare,
      fulfillment,
      underWay: this.money,
      isLost: false,
    })
    this.#waiting.add(packet)
    this.#call(prepare).then(
      reply => this.#onReply(packet, reply),
      (error: unknown) => {
        this.#land(packet)
        this.#deps.onThrow(packet, error)
      },
    )
    return packet
  }

  /** Gives up packets that should have been answered by now. */
  expire(nowMs: number): void {
    for (const packet of this.#waiting) {
      if (packet.expiresAtMs + GRACE_MS > nowMs) return
      this.#land(packet)
      this.#deps.onLost(packet)
    }
  }

  #call(prepare: Prepare): Promise<Reply> {
    try {
      return this.#deps.send(prepare)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #onReply(packet: Sent<L>, reply: Reply): void {
    this.#land(packet)
    this.#deps.onReply(packet, reply, this.#read(packet, reply))
  }

  /** What the other end says in a reply: undefined unless it made that for this packet and this type of reply. */
  #read({ sequence }: Sent<L>, reply: Reply): ReceivedStreamPacket | undefined {
    const words = this.#deps.keys.decrypt(reply.data, reply.type as IlpPacketType)
    return words?.sequence === BigInt(sequence) ? words : undefined
  }

  #land(packet: Sent<L>): void {
    if (this.#waiting.delete(packet)) this.money -= packet.amount
  }
}

/** Nobody knows its preimage. */
const randomCondition = (): Uint8Array => crypto.getRandomValues(new Uint8Array(CONDITION_LENGTH))
