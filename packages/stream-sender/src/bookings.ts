import type { Reject } from '@ilp/service-core'
import type { ReceivedStreamPacket } from '@ilp/stream-packet'
import type { MinimumRate } from '@ilp/stream-path'
import type { Packet } from './packets.js'
import type { Parts } from './parts.js'
import type { PaymentEnd } from './payment.js'
import { causeOf } from './refusals.js'

/** Books what becomes of packets: the money, and what it shows of the path. */
export class Bookings {
  /** When something last got through, in milliseconds since 1970. */
  lastProgressMs: number
  readonly #parts: Parts
  readonly #now: () => number

  constructor(parts: Parts, now: () => number) {
    this.#parts = parts
    this.#now = now
    this.lastProgressMs = now()
  }

  /**
   * The money of this packet has arrived.
   * @param minimum that of the payment, as in `rejected`
   */
  fulfilled(packet: Packet, words: ReceivedStreamPacket | undefined, minimum: MinimumRate | undefined): void {
    const { ledger, discovery, limit, congestion } = this.#parts
    const { amount, minimum: least } = packet
    // It can't have got less: that is what it fulfilled.
    const believed = words !== undefined && words.prepareAmount >= least
    const delivered = believed ? words.prepareAmount : least
    ledger.fulfill(packet, delivered)
    minimum?.settle(amount, least, delivered)
    if (believed) discovery.estimate?.observe(amount, delivered)
    limit.passed(amount)
    congestion.onFulfill(amount, packet.underWay)
    this.#getOn()
  }

  /**
   * The money of this packet has not left. Gives the reason when that ends the payment.
   * @param words the receiver's own, if the reject is the receiver's
   */
  rejected(
    packet: Packet,
    reject: Reject,
    words: ReceivedStreamPacket | undefined,
    minimum: MinimumRate | undefined,
  ): PaymentEnd | undefined {
    const { ledger, discovery, limit, receiver, refusals } = this.#parts
    const { purpose, amount } = packet
    if (purpose === 'money') {
      ledger.release(packet)
      minimum?.release(amount, packet.minimum)
    } else if (!packet.isLost) ledger.release(packet)
    if (words) {
      limit.passed(amount)
      if (purpose === 'probe') return this.#probed(packet, words.prepareAmount)
      if (amount > 0n) discovery.estimate?.observe(amount, words.prepareAmount)
    }
    const cause = causeOf(reject, packet, words, receiver.stream.room())
    return refusals.answer(cause, packet, reject.data, minimum?.rate)
  }

  /** What became of this packet is unknown. A probe can't have been paid, whatever became of it. */
  lost(packet: Packet): void {
    if (packet.isLost) return
    const { ledger } = this.#parts
    if (packet.purpose === 'money') ledger.lose(packet)
    else ledger.release(packet)
    packet.isLost = true
  }

  #probed({ amount, sequence }: Packet, delivered: bigint): PaymentEnd | undefined {
    const { discovery, refusals } = this.#parts
    if (delivered === 0n) return refusals.probedNothing(amount, sequence)
    this.#getOn()
    discovery.observe(amount, delivered)
    return undefined
  }

  #getOn(): void {
    this.#parts.refusals.clear()
    this.lastProgressMs = this.#now()
  }
}
