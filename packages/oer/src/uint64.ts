/** The largest amount that a packet can carry. */
export const UINT64_MAX = 0xffff_ffff_ffff_ffffn

// Two views of the same eight bytes: engines turn this into plain loads and stores, where the methods of Buffer
// and DataView cost several times as much.
const words = new Uint32Array(2)
const whole = new BigUint64Array(words.buffer)
const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1
const LOW = littleEndian ? 0 : 1
const HIGH = littleEndian ? 1 : 0

/** Reads eight big-endian bytes. The caller has checked that they are there. */
export function readUInt64(bytes: Uint8Array, offset: number): bigint {
  words[HIGH] =
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  words[LOW] =
    ((bytes[offset + 4] as number) << 24) |
    ((bytes[offset + 5] as number) << 16) |
    ((bytes[offset + 6] as number) << 8) |
    (bytes[offset + 7] as number)
  return whole[0] as bigint
}

/** Writes `value`, which the caller has checked to be in 0..2^64-1, as eight big-endian bytes. */
export function writeUInt64(bytes: Uint8Array, offset: number, value: bigint): void {
  whole[0] = value
  const high = words[HIGH] as number
  const low = words[LOW] as number
  bytes[offset] = high >>> 24
  bytes[offset + 1] = high >>> 16
  bytes[offset + 2] = high >>> 8
  bytes[offset + 3] = high
  bytes[offset + 4] = low >>> 24
  bytes[offset + 5] = low >>> 16
  bytes[offset + 6] = low >>> 8
  bytes[offset + 7] = low
}
