import { readUInt64 } from '@ilp/oer'
import { Minimum } from './minimum.js'
import { type Bounds, leastOf, lessPpm, mostOf, narrowed, type Rate, smaller } from './rate.js'

/** Octets of an F08's data: what came and the maximum, both in the unit of the node that refused. */
const LIMIT_LENGTH = 16

/** Amounts that an unknown path is tried with, all at once: some show the rate, others the maximum. */
const PROBES = [1n, 1_000n, 1_000_000n, 1_000_000_000n, 1_000_000_000_000n]
/** Units that a probe has to bring to show the rate well. */
const PRECISE = 1_000n
const ROUNDS_MAX = 6

/** What is known of the way to the other end: the largest packet, the rate, and what packets have to bring. */
export class Path {
  /** The largest amount in one packet, in the sender's unit, as far as is known. */
  max: bigint
  bounds: Bounds | undefined
  /** From the end of the probing on. */
  minimum: Minimum | undefined
  readonly #slippagePpm: number
  readonly #minRate: Rate | undefined
  /** The largest that has arrived, and what it brought. */
  #verified = 0n
  #precision = 0n
  /** The least that was refused by a node which didn't tell its maximum. */
  #refused: bigint | undefined
  #rounds = 0

  constructor(max: bigint, slippagePpm: number, minRate: Rate | undefined) {
    this.max = max
    this.#slippagePpm = slippagePpm
    this.#minRate = minRate
  }

  /** Amounts to try next; none when enough is known, or when nothing more can be found out for now. */
  nextProbes(): bigint[] {
    this.#rounds += 1
    if (this.#rounds > ROUNDS_MAX) return []
    if (this.#rounds === 1) {
      const below = PROBES.filter(amount => amount <= this.max)
      return below.length === PROBES.length ? below : [...below.filter(amount => amount < this.max), this.max]
    }
    if (this.#precision >= PRECISE || this.#verified >= this.max) return []
    const { max } = this
    if (this.#refused === undefined) return max <= (PROBES.at(-1) as bigint) ? [max] : []
    const from = this.#verified > 0n ? this.#verified : max / 1_000n + 1n
    return [2n, 4n, 8n]
      .map(factor => smaller(from * factor, max))
      .filter((amount, i, all) => i === all.indexOf(amount))
  }

  /** The next probes begin from the start. */
  restartProbes(): void {
    this.#rounds = 0
  }

  /** Fixes what packets have to bring, if the rate is known. */
  settle(): void {
    if (this.minimum || !this.bounds || this.bounds.low.delivered === 0n) return
    this.minimum = new Minimum(this.#minRate ?? lessPpm(this.bounds.low, this.#slippagePpm))
  }

  /** A packet has reached the other end, which got `delivered`. */
  observe(amount: bigint, delivered: bigint): void {
    if (amount === 0n) return
    if (amount > this.#verified) {
      this.#verified = amount
      this.#precision = delivered
    }
    this.bounds = narrowed(this.bounds, amount, delivered)
    if (this.#refused === undefined || amount < this.max) return
    // The maximum was a guess: a little more may pass.
    const more = amount + amount / 8n + 1n
    if (more < this.#refused) this.max = more
  }

  /** Nothing was left of a packet on its way (R01). */
  nothingLeft(amount: bigint): void {
    if (amount > 0n) this.bounds = narrowed(this.bounds, amount, 0n)
  }

  /** Whether `amount` is known not to bring a unit. */
  isWorthless(amount: bigint): boolean {
    return this.bounds !== undefined && mostOf(this.bounds, amount) === 0n
  }

  /** A packet was refused for its size (F08), with this data. */
  tooLarge(amount: bigint, data: Uint8Array): void {
    const told = maximumOf(amount, data)
    if (told !== undefined) {
      this.max = smaller(this.max, told)
      this.#refused = undefined
    } else {
      this.#refused = this.#refused === undefined ? amount : smaller(this.#refused, amount)
      // Down to what is known to pass, or half if that is what was refused.
      const down = this.#verified > 0n && this.#verified < amount ? this.#verified : amount / 2n
      if (amount <= this.max) this.max = down > 0n ? down : amount - 1n
    }
    if (this.#verified > this.max) this.#verified = 0n
  }

  /** What is known that a packet of `amount` brings, at least. */
  least(amount: bigint): bigint {
    return this.bounds ? leastOf(this.bounds, amount) : 0n
  }
}

/** The maximum that an F08 tells, scaled to the sender's unit; undefined when it tells none. */
function maximumOf(amount: bigint, data: Uint8Array): bigint | undefined {
  if (data.length < LIMIT_LENGTH) return undefined
  const came = readUInt64(data, 0)
  const maximum = readUInt64(data, 8)
  return came > maximum ? (amount * maximum) / came : undefined
}
