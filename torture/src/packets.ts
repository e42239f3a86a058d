import { createHash } from 'node:crypto'
import { Prepare } from '@ilp/service-core'
import type { Random } from './random.js'
import { amountsOf, destinationOf } from './topology.js'

/** One packet of the load, and what its sender and its receiver know of it. */
export interface Packet {
  readonly number: number
  readonly lane: number
  /** What it is on each link: `amounts[k]` comes to node k, `amounts[k + 1]` leaves it. */
  readonly amounts: readonly bigint[]
  readonly sentMs: number
  readonly expiresAtMs: number
  /** When its sender had an answer, or waited no longer. */
  endedMs: number | undefined
  /** What the sender heard. */
  heard: 'nothing' | 'fulfilled' | 'rejected'
  /** How often it came to its receiver. */
  arrivals: number
  /** Whether the receiver sent its Fulfill. */
  isPaid: boolean
  /** By node: whether its books had it the last time that they were looked at. */
  readonly booked: boolean[]
}

const AMOUNT_BITS = 60
const TTL_MS = [800, 2_000] as const

const sha256 = (data: string | Buffer): Buffer => createHash('sha256').update(data).digest()

/** The packets that books may have changed for since they were found right, or for a while before. */
export class Packets {
  readonly #seed: string
  readonly #nodes: number
  readonly #open = new Map<number, Packet>()
  #count = 0
  #fulfilled = 0
  readonly #waiting: { readonly at: number; readonly go: () => void }[] = []

  constructor(seed: string, nodes: number) {
    this.#seed = seed
    this.#nodes = nodes
  }

  /** All that were ever sent. */
  get count(): number {
    return this.#count
  }

  /** Those whose senders heard of their Fulfill. */
  get fulfilled(): number {
    return this.#fulfilled
  }

  /** A new packet, in the unit of its sender, of an amount that no other has. */
  make(lane: number, random: Random): { readonly packet: Packet; readonly prepare: Prepare } {
    this.#count += 1
    const number = this.#count
    const units = 2n ** BigInt(AMOUNT_BITS) + random.bits(AMOUNT_BITS)
    const sentMs = Date.now()
    const packet: Packet = {
      number,
      lane,
      amounts: amountsOf(this.#nodes, units),
      sentMs,
      expiresAtMs: sentMs + random.between(...TTL_MS),
      endedMs: undefined,
      heard: 'nothing',
      arrivals: 0,
      isPaid: false,
      booked: Array<boolean>(this.#nodes).fill(false),
    }
    this.#open.set(number, packet)
    const data = Buffer.alloc(4)
    data.writeUInt32BE(number)
    const prepare = Prepare.create({
      units,
      expiresAt: new Date(packet.expiresAtMs),
      executionCondition: sha256(this.fulfillmentOf(number)),
      destination: destinationOf(this.#nodes, lane),
      data,
    })
    return { packet, prepare }
  }

  fulfillmentOf(number: number): Buffer {
    return sha256(`${this.#seed} ${number}`)
  }

  /** The packet that a Prepare is; undefined when it is none of ours, or long over. */
  of({ data }: Prepare): Packet | undefined {
    return this.#open.get(data.readUInt32BE())
  }

  heard(packet: Packet, what: 'fulfilled' | 'rejected'): void {
    packet.heard = what
    if (what !== 'fulfilled') return
    this.#fulfilled += 1
    while (this.#waiting[0] && this.#waiting[0].at <= this.#fulfilled) this.#waiting.shift()?.go()
  }

  /** Resolves when so many more have been fulfilled. */
  more(count: number): Promise<void> {
    if (count === 0) return Promise.resolve()
    return new Promise(go => {
      this.#waiting.push({ at: this.#fulfilled + count, go })
      this.#waiting.sort((one, other) => one.at - other.at)
    })
  }

  /** Those that may be somewhere between their sender and their receiver: a sender may hear of a Reject before they are over. */
  underWay(): number {
    const now = Date.now()
    let count = 0
    for (const { endedMs, heard, arrivals, expiresAtMs } of this.#open.values()) {
      if (endedMs === undefined || (heard !== 'fulfilled' && arrivals > 0 && expiresAtMs > now)) count += 1
    }
    return count
  }

  all(): readonly Packet[] {
    return [...this.#open.values()]
  }

  forget(packet: Packet): void {
    this.#open.delete(packet.number)
  }
}
