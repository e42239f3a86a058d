import { UINT64_MAX } from '@ilp/oer'
import type { StreamMaxMoney } from '@ilp/stream-packet'
import { larger } from './rate.js'

/** What may come above the limit: senders compute in their own unit, and some round up. */
const EXTRA = 100n

/** The money of one stream, both ways. */
export class StreamMoney {
  // Outgoing, in this end's unit.
  sendMax = 0n
  sent = 0n
  inFlight = 0n
  /** In packets that were not answered in time: it may be spent. */
  unknown = 0n
  // Outgoing, in the other end's unit.
  /** What is on its way, at most. */
  expected = 0n
  /** What has arrived, as far as this end can tell. */
  delivered = 0n
  // Incoming, in this end's unit.
  receiveMax: bigint
  received = 0n
  /** What is about to be fulfilled. */
  held = 0n
  #peerReceiveMax = UINT64_MAX
  #peerReceived = 0n
  #isTold = false

  constructor(receiveMax: bigint) {
    this.receiveMax = receiveMax
  }

  /** What may be sent yet. */
  get left(): bigint {
    return larger(0n, this.sendMax - this.sent - this.inFlight - this.unknown)
  }

  /** What the other end takes yet, in its unit. */
  get peerRoom(): bigint {
    const received = larger(this.delivered, this.#peerReceived)
    return larger(0n, this.#peerReceiveMax - received - this.expected)
  }

  /** Whether so much more may come. */
  hasRoom(units: bigint): boolean {
    if (units === 0n) return true
    const room = this.receiveMax - this.received
    const total = this.received + this.held + units
    return room > 0n && total <= this.receiveMax + (room + EXTRA - 1n) / EXTRA && total <= UINT64_MAX
  }

  /** Limits don't fall: answers may come in another order than they were made (RFC 29 section 4.4.4). */
  hearLimit({ receiveMax, totalReceived }: Pick<StreamMaxMoney, 'receiveMax' | 'totalReceived'>): void {
    if (!this.#isTold || receiveMax > this.#peerReceiveMax) this.#peerReceiveMax = receiveMax
    if (totalReceived > this.#peerReceived) this.#peerReceived = totalReceived
    this.#isTold = true
  }
}
