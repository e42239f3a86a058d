/** What became of a fragment of data. */
export type Receipt =
  /** Its bytes are kept, or had come before. */
  | 'taken'
  /** Bytes that had come before, and others: fragments must not overlap (RFC 29 section 5.3.11). */
  | 'overlaps'
  /** Bytes behind the window. */
  | 'beyondWindow'
  /** Too many gaps: it may be sent again when some have been filled. */
  | 'tooScattered'

/** Pieces behind the first gap that are kept apart; pieces that touch are one. */
const PIECES_MAX = 256

interface Piece {
  readonly start: number
  readonly end: number
}

/**
 * The bytes that come on one stream: put into their order, and kept until they are read. Takes no more memory than the
 * window, however the other end cuts the bytes.
 */
export class Inbox {
  /** Bytes that were read, or thrown away. */
  read = 0
  /** The end of the farthest byte that has come. */
  farthest = 0
  readonly #window: number
  /** A ring, made when the first byte comes. */
  #ring: Uint8Array | undefined
  /** The end of the bytes that can be read. */
  #ready = 0
  /** What has come behind a gap, in order. */
  readonly #pieces: Piece[] = []
  #closed = false

  constructor(window: number) {
    this.#window = window
  }

  /** Where the window ends. Never falls. */
  get maxOffset(): number {
    return this.read + this.#window
  }

  get available(): number {
    return this.#ready - this.read
  }

  /** Whether bytes are missing before others that have come. */
  get hasGaps(): boolean {
    return this.#pieces.length > 0
  }

  /** How far `farthest` would move. */
  advance(offset: number, length: number): number {
    return Math.max(0, offset + length - this.farthest)
  }

  take(offset: number, data: Uint8Array): Receipt {
    const piece = { start: offset, end: offset + data.length }
    if (piece.end > this.maxOffset) return 'beyondWindow'
    if (piece.end <= this.#ready || data.length === 0) return 'taken'
    if (piece.start < this.#ready) return 'overlaps'
    const at = this.#pieces.findIndex(({ end }) => end > piece.start)
    const next = at < 0 ? undefined : this.#pieces[at]
    if (next && next.start <= piece.start && piece.end <= next.end) return 'taken'
    if (next && next.start < piece.end) return 'overlaps'
    if (!this.#join(piece, at < 0 ? this.#pieces.length : at)) return 'tooScattered'
    this.farthest = Math.max(this.farthest, piece.end)
    if (this.#closed) this.read = this.#ready
    else this.#write(offset, data)
    return 'taken'
  }

  /** Up to `max` bytes that can be read, in memory of their own. */
  next(max: number): Uint8Array {
    const length = Math.min(this.available, max)
    const bytes = new Uint8Array(length)
    if (this.#ring && length > 0) {
      const at = this.read % this.#window
      const first = Math.min(length, this.#window - at)
      bytes.set(this.#ring.subarray(at, at + first))
      bytes.set(this.#ring.subarray(0, length - first), first)
    }
    this.read += length
    return bytes
  }

  /** Throws away what has come, and all that comes: nobody reads it. */
  close(): void {
    this.#closed = true
    this.#ring = undefined
    this.read = this.#ready
  }

  /** Notes that the piece is there. False when there are too many. */
  #join(piece: Piece, at: number): boolean {
    if (piece.start === this.#ready) {
      this.#ready = piece.end
      if (this.#pieces[0]?.start === piece.end) this.#ready = (this.#pieces.shift() as Piece).end
      return true
    }
    const before = this.#pieces[at - 1]
    const behind = this.#pieces[at]
    const joinsBefore = before?.end === piece.start
    const joinsBehind = behind?.start === piece.end
    if (!joinsBefore && !joinsBehind && this.#pieces.length >= PIECES_MAX) return false
    const start = joinsBefore ? before.start : piece.start
    const end = joinsBehind ? behind.end : piece.end
    this.#pieces.splice(joinsBefore ? at - 1 : at, Number(joinsBefore) + Number(joinsBehind), { start, end })
    return true
  }

  #write(offset: number, data: Uint8Array): void {
    this.#ring ??= new Uint8Array(this.#window)
    const at = offset % this.#window
    const first = Math.min(data.length, this.#window - at)
    this.#ring.set(data.subarray(0, first), at)
    this.#ring.set(data.subarray(first), 0)
  }
}
