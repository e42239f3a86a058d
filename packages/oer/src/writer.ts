import { sizeOfLengthPrefix, writeLengthPrefix } from './length.js'
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

  writeUInt8(value: number): this {
    const at = this.#reserve(1)
    this.#bytes.writeUInt8(value, at)
    return this
  }

  writeUInt16(value: number): this {
    const at = this.#reserve(2)
    this.#bytes.writeUInt16BE(value, at)
    return this
  }

  writeUInt32(value: number): this {
    const at = this.#reserve(4)
    this.#bytes.writeUInt32BE(value, at)
    return this
  }

  /** @throws RangeError outside 0..2^64-1 */
  writeUInt64(value: bigint): this {
    if (value < 0n || value > UINT64_MAX) throw new RangeError(`${value} is no UInt64`)
    const at = this.#reserve(8)
    writeUInt64(this.#bytes, at, value)
    return this
  }

  writeOctets(octets: Uint8Array): this {
    const at = this.#reserve(octets.length)
    this.#bytes.set(octets, at)
    return this
  }

  writeVarOctets(octets: Uint8Array): this {
    return this.writeLength(octets.length).writeOctets(octets)
  }

  /** UTF-8 behind a length prefix. */
  writeVarString(text: string): this {
    const length = Buffer.byteLength(text)
    this.writeLength(length)
    const at = this.#reserve(length)
    this.#bytes.write(text, at)
    return this
  }

  writeLength(length: number): this {
    const at = this.#reserve(sizeOfLengthPrefix(length))
    writeLengthPrefix(this.#bytes, at, length)
    return this
  }

  /** @throws RangeError below 0 */
  writeVarUInt(value: bigint): this {
    if (value < 0n) throw new RangeError(`${value} is negative`)
    const size = digits(value)
    this.writeLength(size)
    const at = this.#reserve(size)
    let rest = value
    for (let i = size - 1; i >= 0; i--) {
      this.#bytes[at + i] = Number(rest & 0xffn)
      rest >>= 8n
    }
    return this
  }

  #reserve(length: number): number {
    const at = this.#offset
    if (at + length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + length))
      this.#bytes.copy(grown, 0, 0, at)
      this.#bytes = grown
    }
    this.#offset = at + length
    return at
  }
}
