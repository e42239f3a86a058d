import { randomBytes } from 'node:crypto'

const BINARY_FINAL = 0x82
const MASKED = 0x80
const MASK_LENGTH = 4

/**
 * A client's binary WebSocket frame (RFC 6455) that is sent many times with a few bytes changed. It is masked once,
 * under a key that stays: a change is masked as it is made.
 */
export class FrameTemplate {
  readonly #frame: Buffer
  readonly #mask: Buffer
  readonly #payloadAt: number

  constructor(payload: Uint8Array, opcode = BINARY_FINAL) {
    const head = frameHead(payload.length, opcode)
    this.#mask = randomBytes(MASK_LENGTH)
    this.#payloadAt = head.length + MASK_LENGTH
    this.#frame = Buffer.concat([head, this.#mask, payload])
    this.set(0, payload)
  }

  /** Octets of the frame. */
  get length(): number {
    return this.#frame.length
  }

  /** Changes the payload at `at`, in all copies made from now on. */
  set(at: number, octets: Uint8Array): void {
    for (let i = 0; i < octets.length; i++) {
      this.#frame[this.#payloadAt + at + i] =
        (octets[i] as number) ^ (this.#mask[(at + i) % MASK_LENGTH] as number)
    }
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#frame)
  }

  /** Writes the frame to `target`. */
  copyTo(target: Buffer, offset: number): void {
    target.set(this.#frame, offset)
  }

  /** Changes four bytes of the payload, at `at`, in the copy that begins at `offset`. */
  setUInt32(target: Buffer, offset: number, at: number, value: number): void {
    const to = offset + this.#payloadAt + at
    const mask = this.#mask
    target[to] = (value >>> 24) ^ (mask[at & 3] as number)
    target[to + 1] = (value >>> 16) ^ (mask[(at + 1) & 3] as number)
    target[to + 2] = (value >>> 8) ^ (mask[(at + 2) & 3] as number)
    target[to + 3] = value ^ (mask[(at + 3) & 3] as number)
  }
}

function frameHead(length: number, opcode: number): Buffer {
  if (length < 126) return Buffer.from([opcode, MASKED | length])
  return Buffer.from([opcode, MASKED | 126, length >> 8, length & 0xff])
}
