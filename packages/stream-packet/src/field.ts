import { sizeOfLengthPrefix, UINT64_MAX, writeLengthPrefix, writeUInt64 } from '@ilp/oer'

/** What stands in a packet or a frame. Its type says how: UInt8, VarUInt, UTF-8 or octets behind their length. */
export type Field = number | bigint | string | Buffer

const UINT8_MAX = 255
const digits = new Uint8Array(8)

/** Leaves the value at the end of `digits` and returns how many of them it takes: at least one. */
function split(value: bigint): number {
  if (value < 0n || value > UINT64_MAX) throw new RangeError(`${value} is not in 0..2^64-1`)
  writeUInt64(digits, 0, value)
  let zeros = 0
  while (zeros < 7 && digits[zeros] === 0) zeros += 1
  return 8 - zeros
}

/**
 * The number of octets that `writeField` writes.
 * @throws RangeError when an integer is negative, a UInt8 above 255, or a VarUInt above 2^64-1
 */
export function sizeOfField(field: Field): number {
  if (typeof field === 'bigint') return 1 + split(field)
  if (typeof field === 'number') {
    if (!(Number.isInteger(field) && field >= 0 && field <= UINT8_MAX))
      throw new RangeError(`${field} is no UInt8`)
    return 1
  }
  const length = Buffer.byteLength(field)
  return sizeOfLengthPrefix(length) + length
}

/** Writes the field to `bytes`, which has the room that `sizeOfField` says, and returns the offset behind it. */
export function writeField(bytes: Buffer, offset: number, field: Field): number {
  if (typeof field === 'bigint') {
    const size = split(field)
    bytes[offset] = size
    for (let i = 0; i < size; i++) bytes[offset + 1 + i] = digits[8 - size + i] as number
    return offset + 1 + size
  }
  if (typeof field === 'number') {
    bytes[offset] = field
    return offset + 1
  }
  const at = writeLengthPrefix(bytes, offset, Buffer.byteLength(field))
  return at + (typeof field === 'string' ? bytes.write(field, at) : field.copy(bytes, at))
}
