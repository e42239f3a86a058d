import { OerError } from './error.js'
import { lengthPrefixSize, readLengthPrefix } from './length.js'
import { readUInt64 } from './uint64.js'

/**
 * Reads values one after another. Octet strings come back as views over the same bytes, never as copies. Whatever the
 * bytes cannot be throws an `OerError`.
 */
export class Reader {
  readonly bytes: Buffer
  /** Where the next value begins. */
  offset: number
  readonly end: number

  constructor(bytes: Buffer, offset = 0, end = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  get remaining(): number {
    return this.end - this.offset
  }

  readUInt8(): number {
    return this.bytes[this.#take(1)] as number
  }

  readUInt16(): number {
    return this.bytes.readUInt16BE(this.#take(2))
  }

  readUInt32(): number {
    return this.bytes.readUInt32BE(this.#take(4))
  }

  readUInt64(): bigint {
    return readUInt64(this.bytes, this.#take(8))
  }

  /**
   * `length` bytes as they stand.
   * @throws RangeError for a negative length, which is the caller's bug and not the bytes'
   */
  readOctets(length: number): Buffer {
    if (length < 0) throw new RangeError(`${length} is no length`)
    const start = this.#take(length)
    return this.bytes.subarray(start, start + length)
  }

  /** Octets behind a length prefix. */
  readVarOctets(): Buffer {
    return this.readOctets(this.readLength())
  }

  /** Passes over octets behind a length prefix. */
  skipVarOctets(): void {
    this.#take(this.readLength())
  }

  /** A length prefix; the bytes that it speaks of are there. */
  readLength(): number {
    const size = lengthPrefixSize(this.bytes, this.offset)
    const length = readLengthPrefix(this.bytes, this.offset, size, this.end)
    this.offset += size
    return length
  }

  /** An unsigned integer of any size, of at least one byte and without leading zeros. */
  readVarUInt(): bigint {
    const length = this.readLength()
    if (length === 0) throw new OerError('integer without digits')
    const start = this.#take(length)
    if (length > 1 && this.bytes[start] === 0) throw new OerError('integer with a leading zero')
    if (length <= 6) return BigInt(this.bytes.readUIntBE(start, length))
    return BigInt(`0x${this.bytes.toString('hex', start, start + length)}`)
  }

  #take(length: number): number {
    const start = this.offset
    if (start + length > this.end) throw new OerError('value past the end of the bytes')
    this.offset = start + length
    return start
  }
}
