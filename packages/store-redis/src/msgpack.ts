const GROWTH = 2

/** Writes what Lua's `cmsgpack.unpack` reads: arrays, strings, and numbers that are integers from 0 to 2^53. */
export class MsgpackWriter {
  #buffer: Buffer
  #at = 0

  /** @param size octets that will probably do */
  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size)
  }

  /** Begins an array; its elements are written behind it. */
  array(length: number): void {
    this.#ensure(5)
    this.#buffer[this.#at] = 0xdd
    this.#at = this.#buffer.writeUInt32BE(length, this.#at + 1)
  }

  text(text: string): void {
    const length = Buffer.byteLength(text)
    this.#ensure(5 + length)
    this.#buffer[this.#at] = 0xdb
    this.#at = this.#buffer.writeUInt32BE(length, this.#at + 1)
    this.#at += this.#buffer.write(text, this.#at)
  }

  number(value: number): void {
    this.#ensure(9)
    if (value < 0x80) {
      this.#buffer[this.#at] = value
      this.#at += 1
    } else if (value <= 0xffff_ffff) {
      this.#buffer[this.#at] = 0xce
      this.#at = this.#buffer.writeUInt32BE(value, this.#at + 1)
    } else {
      this.#buffer[this.#at] = 0xcb
      this.#at = this.#buffer.writeDoubleBE(value, this.#at + 1)
    }
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  #ensure(length: number): void {
    if (this.#at + length <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(this.#buffer.length * GROWTH + length)
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
