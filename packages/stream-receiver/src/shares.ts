import { UINT64_MAX } from '@ilp/oer'

/** A stream of a connection, as far as a receiver of money has to know it. */
export interface Stream {
  readonly id: number
  /** 0..2^64-1, in the receiver's unit. */
  totalReceived: bigint
  closed: boolean
}

/** A stream that money is for, and its part of it: shares of a packet, or the amount that comes of them. */
export interface Part {
  readonly stream: Stream
  units: bigint
}

/** What a stream can still get before its total passes what a frame, or a receipt, can say. */
const room = ({ stream, units }: Part): bigint => UINT64_MAX - stream.totalReceived - units

/**
 * Turns the shares in `parts` into amounts that add up to `amount` (RFC 29 section 5.3.8): each is rounded down, and
 * what is left over goes to the lowest-numbered open stream that has room for it, for which a part may be added.
 * @param parts of different streams; not all shares are 0 unless the amount is
 * @param streams all of the connection
 * @returns whether every stream has room for its amount
 */
export function divide(amount: bigint, parts: Part[], streams: Iterable<Stream>): boolean {
  let shares = 0n
  for (const part of parts) shares += part.units
  let rest = amount
  for (const part of parts) {
    // Most packets are for one stream.
    part.units = part.units === shares ? amount : (amount * part.units) / shares
    rest -= part.units
    if (room(part) < 0n) return false
  }
  return rest === 0n || giveRest(rest, parts, streams)
}

function giveRest(rest: bigint, parts: Part[], streams: Iterable<Stream>): boolean {
  let lowest: Part | undefined
  for (const stream of streams) {
    if (stream.closed || (lowest && lowest.stream.id < stream.id)) continue
    const part = parts.find(candidate => candidate.stream === stream) ?? { stream, units: 0n }
    if (room(part) >= rest) lowest = part
  }
  if (!lowest) return false
  lowest.units += rest
  if (!parts.includes(lowest)) parts.push(lowest)
  return true
}
