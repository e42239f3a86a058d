import type { Account, IncomingRequest, Reply, Service } from '@ilp/service-core'
import type { ReceivedStreamPacket } from '@ilp/stream-packet'
import type { Packet, PacketFields, Packets } from './packets.js'

/** How long behind its expiry an answer is waited for. By its contract, the service answers before. */
const GRACE_MS = 500

/** Told what becomes of packets. */
export interface ExchangeListener {
  /** @param words the receiver's own, if it was the receiver that answered; also for packets that were lost before */
  readonly onReply: (packet: Packet, reply: Reply, words: ReceivedStreamPacket | undefined) => void
  /** There was no answer in time. */
  readonly onLost: (packet: Packet) => void
  /** The service threw: what became of the packet is unknown. */
  readonly onThrow: (packet: Packet, error: unknown) => void
}

/** Packets out, answers in, and what is between. */
export class Exchange<A extends Account> {
  readonly #service: Pick<Service<IncomingRequest<A>>, 'call'>
  readonly #from: A
  readonly #packets: Packets
  readonly #listener: ExchangeListener
  /** Packets that wait for their answer, in the order in which they expire. */
  readonly #waiting = new Set<Packet>()
  #over = false

  constructor(
    { service, from }: { readonly service: Pick<Service<IncomingRequest<A>>, 'call'>; readonly from: A },
    packets: Packets,
    listener: ExchangeListener,
  ) {
    this.#service = service
    this.#from = from
    this.#packets = packets
    this.#listener = listener
  }

  /** Packets that wait for their answer. */
  get size(): number {
    return this.#waiting.size
  }

  /** When the first of them is given up. */
  get lostAtMs(): number {
    for (const { expiresAtMs } of this.#waiting) return expiresAtMs + GRACE_MS
    return Number.POSITIVE_INFINITY
  }

  send(fields: PacketFields): Packet {
    const packet = this.#packets.create(fields)
    this.#waiting.add(packet)
    this.#call(packet).then(
      reply => this.#onReply(packet, reply),
      error => this.#onThrow(packet, error),
    )
    return packet
  }

  /** Gives up packets that should have been answered by now. */
  expire(nowMs: number): void {
    for (const packet of this.#waiting) {
      if (packet.expiresAtMs + GRACE_MS > nowMs) return
      this.#waiting.delete(packet)
      this.#listener.onLost(packet)
    }
  }

  /** From here on answers are ignored. */
  end(): void {
    this.#over = true
  }

  #call(packet: Packet): Promise<Reply> {
    try {
      return this.#service.call({ from: this.#from, prepare: packet.prepare })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  #onReply(packet: Packet, reply: Reply): void {
    this.#waiting.delete(packet)
    if (!this.#over) this.#listener.onReply(packet, reply, this.#packets.read(packet, reply))
  }

  #onThrow(packet: Packet, error: unknown): void {
    this.#waiting.delete(packet)
    this.#listener.onThrow(packet, error)
  }
}
