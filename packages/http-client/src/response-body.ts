const NOTHING = Buffer.alloc(0)

/** The body of a response, of which no more than a limit is ever kept. */
export class ResponseBody {
  readonly #bytesMax: number
  #bytes: Buffer | undefined
  #length = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes a piece, which belongs to the body from here on; false when it is more than there may be. */
  add(piece: Buffer): boolean {
    const start = this.#length
    this.#length += piece.length
    if (this.#length > this.#bytesMax) return false
    if (!this.#bytes) this.#bytes = piece
    else {
      // Many small pieces take no more room than one: they go to a buffer that is made once.
      if (this.#bytes.length < this.#length) this.#bytes = Buffer.concat([this.#bytes], this.#bytesMax)
      piece.copy(this.#bytes, start)
    }
    return true
  }

  /** What came, in one piece. */
  whole(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? NOTHING
  }
}
