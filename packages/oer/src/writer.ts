import { LENGTH_MAX, sizeOfLengthPrefix, writeLengthPrefix } from './length.js'
import { UINT64_MAX, writeUInt64 } from './uint64.js'

/** The number of bytes of `value` behind its length prefix: at least one. */
const digits = (value: bigint): number => {
  let size = 1
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) size++
  return size
}

/** The number of bytes that `writeVarUInt(value)` takes, prefix included. */
export const sizeOfVarUInt = (value: bigint): number => {
  const size = digits(value)
  return sizeOfLengthPrefix(size) + size
}

/** Appends values to a buffer that grows as needed. Everything is written in its canonical form. */
export class Writer {
  #bytes: Buffer
  #offset = 0

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  /** The number of bytes written so far. */
  get length(): number {
    return this.#offset
  }

  /** What was written: a view, valid until the next write. */
  toBuffer(): Buffer {
    return this.#bytes.subarray(0, this.#offset)
  }

  /** @throws RangeError outside 0..255 */
  writeUInt8(value: number): this {
    const at = this.#room(1)
    this.#offset = this.#bytes.writeUInt8(value, at)
    return this
  }

  /** @throws RangeError outside 0..2^16-1 */
  writeUInt16(value: number): this {
    const at = this.#room(2)
    this.#offset = this.#bytes.writeUInt16BE(value, at)
    return this
  }

  /** @throws RangeError outside 0..2^32-1 */
  writeUInt32(value: number): this {
    const at = this.#room(4)
    this.#offset = this.#bytes.writeUInt32BE(value, at)
    return this
  }

  /** @throws RangeError outside 0..2^64-1 */
  writeUInt64(value: bigint): this {
    if (value < 0n || value > UINT64_MAX) throw new RangeError(`${value} is no UInt64`)
    const at = this.#room(8)
    writeUInt64(this.#bytes, at, value)
    this.#offset = at + 8
    return this
  }

  /** Octets as they stand. */
  writeOctets(octets: Uint8Array): this {
    const at = this.#room(octets.length)
    this.#bytes.set(octets, at)
    this.#offset = at + octets.length
    return this
  }

  /** Octets behind a length prefix. */
  writeVarOctets(octets: Uint8Array): this {
    return this.writeLength(octets.length).writeOctets(octets)
  }

  /** UTF-8 behind a length prefix. */
  writeVarString(text: string): this {
    const length = Buffer.byteLength(text)
    this.writeLength(length)
    const at = this.#room(length)
    this.#offset = at + this.#bytes.write(text, at)
    return this
  }

  /**
   * A length prefix alone, for octets that are written next.
   * @throws RangeError outside 0..2^32-1
   */
  writeLength(length: number): this {
    if (!Number.isInteger(length) || length < 0 || length > LENGTH_MAX)
      throw new RangeError(`${length} is no length`)
    const at = this.#room(sizeOfLengthPrefix(length))
    this.#offset = writeLengthPrefix(this.#bytes, at, length)
    return this
  }

  /**
   * An unsigned integer of as many bytes as it needs, behind their number.
   * @throws RangeError below 0
   */
  writeVarUInt(value: bigint): this {
    if (value < 0n) throw new RangeError(`${value} is negative`)
    const size = digits(value)
    this.writeLength(size)
    const at = this.#room(size)
    let rest = value
    for (let i = size - 1; i >= 0; i--) {
      this.#bytes[at + i] = Number(rest & 0xffn)
      rest >>= 8n
    }
    this.#offset = at + size
    return this
  }

  /** Makes room for `length` bytes and returns where they begin. Counts nothing as written. */
  #room(length: number): number {
    const at = this.#offset
    if (at + length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + length))
      this.#bytes.copy(grown, 0, 0, at)
      this.#bytes = grown
    }
    return at
  }
}
