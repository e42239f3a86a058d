import type { Packet } from './packets.js'

/** Where the money of a payment is. A packet is held, and then either released or fulfilled; in between it may be lost. */
export class Ledger {
  /** In packets that were fulfilled, in the sender's unit. */
  sent = 0n
  /** In the receiver's unit, as it says; never less than `deliveredMin`. */
  delivered = 0n
  deliveredMin = 0n
  /** In packets that wait for their answer, in the sender's unit. */
  inFlight = 0n
  /** In packets that were lost, in the sender's unit. */
  unknown = 0n
  /** What is expected to arrive, at most, of what is in flight or unknown. */
  expected = 0n

  /** What can't be sent any more. */
  get committed(): bigint {
    return this.sent + this.inFlight + this.unknown
  }

  hold({ amount, most }: Packet): void {
    this.inFlight += amount
    this.expected += most
  }

  lose(packet: Packet): void {
    packet.isLost = true
    this.inFlight -= packet.amount
    this.unknown += packet.amount
  }

  release({ amount, most, isLost }: Packet): void {
    if (isLost) this.unknown -= amount
    else this.inFlight -= amount
    this.expected -= most
  }

  fulfill(packet: Packet, delivered: bigint): void {
    this.release(packet)
    this.sent += packet.amount
    this.delivered += delivered
    this.deliveredMin += packet.minimum
  }
}
