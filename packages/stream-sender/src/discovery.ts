import { UINT64_MAX } from '@ilp/oer'
import { type PacketLimit, RateEstimate, smaller, sourceFor } from '@ilp/stream-path'
import type { Payment } from './payment.js'

/** A probe that brought nothing is followed by one that is so many times larger. */
const GROWTH = 1_000n

/**
 * What is tried out before the first unit is sent: the largest packet of use is sent as a probe that nobody can
 * fulfill, and smaller ones until one reaches the receiver. That packet also shows the rate as precisely as a packet
 * of this payment can.
 */
export class Discovery {
  estimate: RateEstimate | undefined
  readonly #limit: PacketLimit
  readonly #amount: Payment['amount']
  /** The amount of the largest packet that might be of use. */
  readonly #most: bigint
  #wanted: bigint

  constructor(limit: PacketLimit, { amount, minRate }: Pick<Payment, 'amount' | 'minRate'>) {
    this.#limit = limit
    this.#amount = amount
    if ('source' in amount) {
      this.#most = amount.source
      this.#wanted = amount.source
      return
    }
    this.#most = amount.sourceMax ?? UINT64_MAX
    // The units of the two sides have nothing to do with each other: this only has to be somewhere.
    const guess = minRate && minRate.delivered > 0n ? sourceFor(minRate, amount.delivery) : amount.delivery
    this.#wanted = smaller(guess, this.#most)
  }

  /** The amount to try next, at most `amountMax`; undefined when enough is known. */
  next(amountMax: bigint): bigint | undefined {
    return this.#limit.probe(smaller(this.#wanted, amountMax))
  }

  /** A probe has reached the receiver, and brought at least 1. */
  observe(amount: bigint, delivered: bigint): void {
    if (this.estimate) this.estimate.observe(amount, delivered)
    else this.estimate = new RateEstimate(amount, delivered)
    if ('delivery' in this.#amount) {
      this.#wanted = smaller(sourceFor(this.estimate.low, this.#amount.delivery), this.#most)
    }
  }

  /** Nothing was left of this amount on its way; false when no larger one can be tried. */
  nothingLeft(amount: bigint): boolean {
    const most = smaller(this.#most, this.#limit.max)
    if (amount >= most) return false
    this.#wanted = smaller(amount * GROWTH, most)
    return true
  }
}
