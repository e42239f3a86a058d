import { OerError } from './error.js'

/** Longer ones are refused: no Interledger field comes near. */
export const LENGTH_MAX = 0xffff_ffff
const LENGTH_BYTES_MAX = 4

/**
 * The number of bytes that the length prefix at `offset` takes: 1 in the short form, 1 + n in the long one.
 * Says nothing about the bytes behind the first; `readLengthPrefix` checks them.
 */
export function lengthPrefixSize(bytes: Uint8Array, offset: number): number {
  const first = bytes[offset]
  if (first === undefined) throw new OerError('length prefix is missing')
  return first < 0x80 ? 1 : 1 + (first & 0x7f)
}

/**
 * The length that the prefix of `size` bytes at `offset` states. Refuses the indefinite form, leading zeros, the
 * long form where the short one fits, and a length that reaches past `end`.
 */
export function readLengthPrefix(bytes: Uint8Array, offset: number, size: number, end: number): number {
  if (offset + size > end) throw new OerError('length prefix is truncated')
  let length = bytes[offset] as number
  if (length >= 0x80) {
    if (size === 1) throw new OerError('indefinite length')
    if (size > 1 + LENGTH_BYTES_MAX) throw new OerError('length of more than four bytes')
    if (bytes[offset + 1] === 0) throw new OerError('length with a leading zero')
    length = 0
    for (let i = 1; i < size; i++) length = length * 256 + (bytes[offset + i] as number)
    if (length < 0x80) throw new OerError('long form of a short length')
  }
  if (offset + size + length > end) throw new OerError('length past the end of the bytes')
  return length
}

/** The number of bytes of the canonical prefix for `length`, a whole number in 0..2^32-1. */
export function sizeOfLengthPrefix(length: number): number {
  if (length < 0x80) return 1
  if (length < 0x100) return 2
  if (length < 0x1_0000) return 3
  return length < 0x100_0000 ? 4 : 5
}

/**
 * Writes the canonical prefix for `length`, a whole number in 0..2^32-1, at `offset` and returns the offset behind
 * it. The caller has checked that there is room.
 */
export function writeLengthPrefix(bytes: Uint8Array, offset: number, length: number): number {
  const size = sizeOfLengthPrefix(length)
  if (size === 1) {
    bytes[offset] = length
    return offset + 1
  }
  bytes[offset] = 0x80 + size - 1
  let rest = length
  for (let i = size - 1; i > 0; i--) {
    bytes[offset + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return offset + size
}
