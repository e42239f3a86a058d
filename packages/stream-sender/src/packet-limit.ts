import { readUInt64, UINT64_MAX } from '@ilp/oer'

/** Octets of an F08's data: the amount received and the maximum, both in the unit of the node that rejects. */
const DETAILS_LENGTH = 16

/** What a path without F08 data is first tried with after a refusal: this part of what was refused. */
const DESCENT = 16n

/** The largest amount that the path takes in one packet, in the sender's unit, as far as it is known. */
export class PacketLimit {
  /** Nothing larger passes. It may be that this doesn't either. */
  max = UINT64_MAX
  /** The largest that has reached the receiver. */
  #verified = 0n
  /** Whether somewhere between `#verified` and `max` lies a limit that nobody has told. */
  #guessing = false

  /** A packet of this amount has reached the receiver. */
  passed(amount: bigint): void {
    if (amount > this.#verified) this.#verified = amount
  }

  /** A packet of this amount was rejected with F08 and this data. */
  tooLarge(amount: bigint, data: Uint8Array): void {
    const told = scaledMaximum(amount, data)
    const max = told ?? (amount > 0n ? amount - 1n : 0n)
    if (max >= this.max) return
    this.max = max
    this.#guessing = told === undefined
    if (this.#verified > max) this.#verified = 0n
  }

  /**
   * The amount to try next so that packets of up to `wanted` are known to pass; undefined when the path need not be
   * tried again. After a refusal that told no maximum it closes in on one, from below, to an eighth of it.
   */
  next(wanted: bigint): bigint | undefined {
    const top = wanted < this.max ? wanted : this.max
    if (this.#verified >= top) return undefined
    if (!this.#guessing) return top
    if (this.#verified === 0n) return top > DESCENT ? top / DESCENT : 1n
    if (this.#verified * 8n >= top * 7n) return undefined
    return (this.#verified + top + 1n) / 2n
  }

  /** Ends the guessing, if there was any, with an amount that should pass. */
  settle(): void {
    if (!this.#guessing) return
    this.#guessing = false
    this.max = this.#verified > 0n ? this.#verified : this.max / 2n
  }
}

/** The maximum that the data of an F08 tells, scaled to the sender's unit; undefined when it tells none. */
function scaledMaximum(amount: bigint, data: Uint8Array): bigint | undefined {
  if (data.length < DETAILS_LENGTH) return undefined
  const received = readUInt64(data, 0)
  const maximum = readUInt64(data, 8)
  return received > maximum ? (amount * maximum) / received : undefined
}
