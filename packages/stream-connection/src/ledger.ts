import type { ReceivedStreamPacket } from '@ilp/stream-packet'
import type { End } from './end.js'
import type { Packet } from './packets.js'

/** Where the money, the data and the words of packets are. Each packet is held, and then released or fulfilled. */
export class Ledger {
  readonly #end: End

  constructor(end: End) {
    this.#end = end
  }

  hold({ money, amount, minimum }: Packet): void {
    for (const { stream, amount: units, most } of money) {
      stream.money.inFlight += units
      stream.money.expected += most
    }
    if (amount > 0n) this.#end.path.minimum?.hold(amount, minimum)
  }

  /** There is no answer. Data is sent again, money is not. */
  lose(packet: Packet): void {
    for (const { stream, amount } of packet.money) {
      stream.money.inFlight -= amount
      stream.money.unknown += amount
      this.#end.unknown += amount
    }
    packet.isLost = true
    this.#sendAgain(packet)
  }

  /** It was rejected, which may come to be known late. */
  release(packet: Packet): void {
    this.#releaseMoney(packet)
    if (packet.purpose === 'frames' && packet.amount > 0n) {
      this.#end.path.minimum?.release(packet.amount, packet.minimum)
    }
    if (!packet.isLost) this.#sendAgain(packet)
  }

  /** It was fulfilled, which may come to be known late. Returns what it brought. */
  fulfill(packet: Packet, words: ReceivedStreamPacket | undefined): bigint {
    const { amount, minimum, money } = packet
    this.#releaseMoney(packet)
    // It can't have brought less: that is what was fulfilled.
    const delivered = words && words.prepareAmount >= minimum ? words.prepareAmount : minimum
    for (const { stream, amount: units } of money) {
      stream.money.sent += units
      stream.money.delivered += (delivered * units) / amount
    }
    if (amount > 0n) this.#end.path.minimum?.settle(amount, minimum, delivered)
    this.#end.totalSent += amount
    this.#end.totalDelivered += delivered
    if (packet.isLost) return delivered
    for (const { stream, fragment } of packet.data) stream.outbox.onArrived(fragment)
    for (const { notice, version } of packet.notices) notice.acknowledge(version)
    return delivered
  }

  /** Tells the streams of what was booked. */
  tell({ money }: Packet): void {
    for (const { stream } of money) stream.onSettled()
  }

  #releaseMoney({ money, isLost }: Packet): void {
    for (const { stream, amount, most } of money) {
      stream.money.expected -= most
      if (isLost) {
        stream.money.unknown -= amount
        this.#end.unknown -= amount
      } else stream.money.inFlight -= amount
    }
  }

  #sendAgain({ data, notices }: Packet): void {
    for (const { stream, fragment } of data) stream.outbox.onLost(fragment)
    for (const { notice, version } of notices) notice.lose(version)
  }
}
