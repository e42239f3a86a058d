import { UINT64_MAX } from '@ilp/oer'
import { larger, PeerStream } from '@ilp/stream-path'

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
  /** What the other end says of the stream. */
  readonly peer = new PeerStream()

  constructor(receiveMax: bigint) {
    this.receiveMax = receiveMax
  }

  /** What may be sent yet. */
  get left(): bigint {
    return larger(0n, this.sendMax - this.sent - this.inFlight - this.unknown)
  }

  /** What the other end takes yet, in its unit. */
  get peerRoom(): bigint {
    return larger(0n, this.peer.room(this.delivered) - this.expected)
  }

  /** Whether so much more may come. */
  hasRoom(units: bigint): boolean {
    if (units === 0n) return true
    const room = this.receiveMax - this.received
    const total = this.received + this.held + units
    return room > 0n && total <= this.receiveMax + (room + EXTRA - 1n) / EXTRA && total <= UINT64_MAX
  }
}
