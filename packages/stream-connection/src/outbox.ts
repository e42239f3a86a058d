/** What a receiver takes of a stream before it has said anything: what npm's ilp-protocol-stream starts with. */
const MAX_OFFSET_ASSUMED = 16_384

/** Bytes with their place in the stream. Once made it never changes, however often it is sent. */
export interface Fragment {
  readonly offset: number
  readonly data: Buffer
}

interface Chunk {
  bytes: Uint8Array
  readonly sent: () => void
  readonly failed: (error: unknown) => void
}

/** The bytes that go out on one stream: cut into fragments, which are kept until they have arrived. */
export class Outbox {
  /** Where the next new fragment begins: bytes that were sent so far. */
  offset = 0
  /** Bytes that have arrived. */
  acknowledged = 0
  readonly #unsent: Chunk[] = []
  #unsentLength = 0
  /** Fragments that have not arrived, to be sent again as they are. */
  readonly #again: Fragment[] = []
  readonly #unacknowledgedMax: number
  #maxOffset = MAX_OFFSET_ASSUMED
  #isTold = false
  readonly #idle: (() => void)[] = []
  #error: unknown

  /** @param unacknowledgedMax bytes that are kept for sending them again */
  constructor(unacknowledgedMax: number) {
    this.#unacknowledgedMax = unacknowledgedMax
  }

  /** Whether everything has arrived. */
  get isEmpty(): boolean {
    return this.#unsentLength === 0 && this.acknowledged === this.offset
  }

  get hasUnsent(): boolean {
    return this.#unsentLength > 0
  }

  /** Where the stream ends for now, sent or not. */
  get end(): number {
    return this.offset + this.#unsentLength
  }

  /** Whether the other end's window keeps bytes back. */
  get isBlocked(): boolean {
    return this.#unsentLength > 0 && this.offset >= this.#maxOffset
  }

  /** Windows don't shrink: answers may come in another order than they were made (RFC 29 section 4.4.4). */
  hearMaxOffset(maxOffset: number): void {
    this.#maxOffset = this.#isTold ? Math.max(this.#maxOffset, maxOffset) : maxOffset
    this.#isTold = true
  }

  /** Settles when the bytes have been cut into fragments, and fails when they will not be. */
  push(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (bytes.length === 0) return Promise.resolve()
    this.#unsentLength += bytes.length
    return new Promise((sent, failed) => {
      this.#unsent.push({ bytes, sent, failed })
    })
  }

  /** The next fragment to send again, of at most `max` bytes. */
  nextAgain(max: number): Fragment | undefined {
    const [first] = this.#again
    return first && first.data.length <= max ? this.#again.shift() : undefined
  }

  /** The next new fragment, of at most `max` bytes. */
  nextNew(max: number): Fragment | undefined {
    const keepable = this.#unacknowledgedMax - (this.offset - this.acknowledged)
    const length = Math.min(max, this.#maxOffset - this.offset, keepable, this.#unsentLength)
    if (length <= 0) return undefined
    const data = Buffer.allocUnsafe(length)
    let filled = 0
    while (filled < length) {
      const chunk = this.#unsent[0] as Chunk
      const part = chunk.bytes.subarray(0, length - filled)
      data.set(part, filled)
      filled += part.length
      chunk.bytes = chunk.bytes.subarray(part.length)
      if (chunk.bytes.length > 0) break
      this.#unsent.shift()
      chunk.sent()
    }
    const fragment = { offset: this.offset, data }
    this.offset += length
    this.#unsentLength -= length
    return fragment
  }

  onArrived({ data }: Fragment): void {
    this.acknowledged += data.length
    if (this.isEmpty) for (const done of this.#idle.splice(0)) done()
  }

  onLost(fragment: Fragment): void {
    if (this.#error === undefined) this.#again.push(fragment)
  }

  /** Settles when everything that was pushed so far has arrived, or never will. */
  drained(): Promise<void> {
    if (this.isEmpty || this.#error !== undefined) return Promise.resolve()
    return new Promise(resolve => {
      this.#idle.push(resolve)
    })
  }

  /** Nothing is sent any more. */
  close(error: unknown): void {
    this.#error ??= error
    this.#again.length = 0
    for (const { failed } of this.#unsent.splice(0)) failed(error)
    this.#unsentLength = 0
    for (const done of this.#idle.splice(0)) done()
  }
}
