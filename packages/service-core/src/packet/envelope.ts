import { lengthPrefixSize, readLengthPrefix, sizeOfLengthPrefix, writeLengthPrefix } from '@ilp/oer'

/** Octets that a packet's `data` can have (RFC 27). */
export const DATA_LENGTH_MAX = 32_767

/**
 * Octets of the largest packet: a Reject with the longest address, the longest message and the most data. A Prepare
 * has at most 33,857.
 */
export const PACKET_LENGTH_MAX = 41_997

/** Bytes, or values, that cannot be an ILP packet (RFC 27). */
export class InvalidPacketError extends Error {
  override readonly name = 'InvalidPacketError'
  readonly code = 'ERR_INVALID_PACKET'
}

/**
 * Walks along a packet's fields and notes where they lie. Shared by the three packet types; made for one decode.
 * Throws `InvalidPacketError`, or `OerError` for the OER itself.
 */
export class Fields {
  readonly bytes: Buffer
  /** The packet's first byte behind its envelope. */
  readonly start: number
  /** Where the packet ends: bytes behind it are no part of it. */
  readonly end: number
  offset: number

  constructor(bytes: Buffer, type: number) {
    if (bytes[0] !== type) throw new InvalidPacketError(`packet of type ${bytes[0]}, not ${type}`)
    const size = lengthPrefixSize(bytes, 1)
    this.bytes = bytes
    this.start = 1 + size
    this.end = this.start + readLengthPrefix(bytes, 1, size, bytes.length)
    this.offset = this.start
  }

  /** Passes over `length` octets and returns where they began. */
  fixed(length: number): number {
    const at = this.offset
    if (at + length > this.end) throw new InvalidPacketError('packet is truncated')
    this.offset = at + length
    return at
  }

  /** Passes over octets behind a length prefix, at most `max`, and returns where they began. */
  variable(max: number): number {
    const size = lengthPrefixSize(this.bytes, this.offset)
    const length = readLengthPrefix(this.bytes, this.offset, size, this.end)
    if (length > max) throw new InvalidPacketError(`field of ${length} octets, the maximum is ${max}`)
    const at = this.offset + size
    this.offset = at + length
    return at
  }
}

/** A buffer with a packet's envelope written, and the offset of its contents. */
export function envelope(type: number, contentsLength: number): { bytes: Buffer; offset: number } {
  const bytes = Buffer.allocUnsafe(1 + sizeOfLengthPrefix(contentsLength) + contentsLength)
  bytes[0] = type
  return { bytes, offset: writeLengthPrefix(bytes, 1, contentsLength) }
}

/** The size of octets behind their length prefix. */
export const sizeOfOctets = (length: number): number => sizeOfLengthPrefix(length) + length

/** Writes octets behind their length prefix and returns the offset behind them. */
export function writeOctets(bytes: Buffer, offset: number, octets: Uint8Array): number {
  const at = writeLengthPrefix(bytes, offset, octets.length)
  bytes.set(octets, at)
  return at + octets.length
}

/**
 * Writes a whole packet to `target` and returns the offset behind it.
 * @throws RangeError when it doesn't fit: nothing is written then
 */
export function copyPacket(packet: Buffer, target: Buffer, offset: number): number {
  target.set(packet, offset)
  return offset + packet.length
}

/** @throws InvalidPacketError when `octets` has not `length` of them */
export function expectLength(name: string, octets: Uint8Array, length: number): void {
  if (octets.length !== length)
    throw new InvalidPacketError(`${name} has ${octets.length} octets, not ${length}`)
}

/** @throws InvalidPacketError when `octets` has more than `max` of them */
export function expectAtMost(name: string, octets: Uint8Array, max: number): void {
  if (octets.length > max)
    throw new InvalidPacketError(`${name} has ${octets.length} octets, the maximum is ${max}`)
}
