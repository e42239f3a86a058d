import { readUInt64, UINT64_MAX } from '@ilp/oer'

/** Octets of an F08's data: the amount received and the maximum, both in the unit of the node that rejects. */
const DETAILS_LENGTH = 16

/** What a path without F08 data is first tried with after a refusal: this part of what was refused. */
const DESCENT = 16n

/** Full packets that have to pass before a larger one is tried; twice as many after each that was tried in vain. */
const PATIENCE_MIN = 64
const PATIENCE_MAX = 512

/** Whether one amount is at least seven eighths of the other. */
const isNear = (amount: bigint, other: bigint): boolean => amount * 8n >= other * 7n

/**
 * The largest amount that the path takes in one packet, in the sender's unit, as far as it is known.
 *
 * Paths change, and no node tells that it takes more by now: after many full packets one with twice as much is tried,
 * and what becomes of it decides. Where no maximum was told, one between what has passed and what was refused is tried
 * at once, until they are close. One packet at a time is tried, so that nothing but this one is refused.
 */
export class PacketLimit {
  /** Nothing larger passes, as far as is known. It may be that this doesn't either. */
  max: bigint
  /** The largest of up to `max` that has reached the receiver; 0 when there is none. */
  verified = 0n
  /** The least that was refused without being told a maximum, if the present one was not told. */
  #refused: bigint | undefined
  /** Whether somewhere between `verified` and `max` lies a limit that nobody has told. */
  #guessing = false
  readonly #limit: bigint
  /** The last amount above `max` that was sent, until it is known what became of it. */
  #trial: bigint | undefined
  /** Whether the last one that was tried has passed. */
  #isRising = false
  /** Full packets that have passed since then, or since `max` has changed. */
  #full = 0
  #patience = PATIENCE_MIN

  /** @param limit never to be passed, whatever the path takes; at least 1 */
  constructor(limit = UINT64_MAX) {
    this.#limit = limit
    this.max = limit
  }

  /** Whether `max` is a guess: packets were refused, and nobody told the maximum. */
  get isGuess(): boolean {
    return this.#refused !== undefined
  }

  /** The largest amount for the next packet: `max`, or more when more is to be tried. */
  get next(): bigint {
    const { max } = this
    if (max >= this.#limit || this.#guessing) return max
    const middle = this.#middle
    const isUrgent = this.#trial === undefined && (this.#isRising || middle !== undefined)
    if (this.#full < (isUrgent ? 1 : this.#patience)) return max
    const twice = max * 2n
    const more = middle !== undefined && middle < twice ? middle : twice
    return more < this.#limit ? more : this.#limit
  }

  /** A packet of this amount was sent. */
  sent(amount: bigint): void {
    if (amount <= this.max) return
    this.#trial = amount
    this.#full = 0
  }

  /** A packet of this amount has reached the receiver. */
  passed(amount: bigint): void {
    if (amount > this.max) {
      if (amount !== this.#trial) return
      this.#raise(amount)
      this.#isRising = this.#refused === undefined
    }
    if (amount > this.verified) this.verified = amount
    if (isNear(amount, this.max)) this.#full += 1
  }

  /** A packet of this amount was rejected with F08 and this data. */
  tooLarge(amount: bigint, data: Uint8Array): void {
    const told = scaledMaximum(amount, data)
    if (amount > this.max && amount === this.#trial) {
      this.#trial = undefined
      this.#isRising = false
      this.#patience = Math.min(this.#patience * 2, PATIENCE_MAX)
      if (told !== undefined && told > this.max) {
        this.#refused = undefined
        return this.#raise(told)
      }
    }
    if (told === undefined) {
      if (this.#refused === undefined || amount < this.#refused) this.#refused = amount
      if (amount > this.max) return
      this.#guessing = true
      this.#fall(amount > 0n ? amount - 1n : 0n)
    } else if (told < this.max) {
      this.#refused = undefined
      this.#guessing = false
      this.#fall(told)
    }
  }

  /**
   * The amount to try next so that packets of up to `wanted` are known to pass; undefined when the path need not be
   * tried again. After a refusal that told no maximum it closes in on one, from below, to an eighth of it.
   */
  probe(wanted: bigint): bigint | undefined {
    const top = wanted < this.max ? wanted : this.max
    if (this.verified >= top) return undefined
    if (!this.#guessing) return top
    if (this.verified === 0n) return top > DESCENT ? top / DESCENT : 1n
    if (isNear(this.verified, top)) return undefined
    return (this.verified + top + 1n) / 2n
  }

  /** Ends the guessing, if there was any, with an amount that should pass. */
  settle(): void {
    if (!this.#guessing) return
    this.#guessing = false
    if (this.verified > 0n) this.max = this.verified
    else if (this.max > 1n) this.max /= 2n
  }

  /** Between what has passed and what was refused, unless there is no maximum to be found any more. */
  get #middle(): bigint | undefined {
    if (this.#refused === undefined || isNear(this.max, this.#refused)) return undefined
    const middle = (this.max + this.#refused) / 2n
    return middle > this.max ? middle : undefined
  }

  /** More passes than was known. */
  #raise(max: bigint): void {
    if (!isNear(this.max, max)) this.#patience = PATIENCE_MIN
    if (this.#refused !== undefined && this.#refused <= max) this.#refused = undefined
    this.max = max
    this.#trial = undefined
    this.#full = 0
  }

  /** Less passes than was known. */
  #fall(max: bigint): void {
    this.max = max
    if (this.verified > max) this.verified = 0n
    this.#isRising = false
    this.#full = 0
  }
}

/** The maximum that the data of an F08 tells, scaled to the sender's unit; undefined when it tells none. */
function scaledMaximum(amount: bigint, data: Uint8Array): bigint | undefined {
  if (data.length < DETAILS_LENGTH) return undefined
  const received = readUInt64(data, 0)
  const maximum = readUInt64(data, 8)
  return received > maximum ? (amount * maximum) / received : undefined
}
