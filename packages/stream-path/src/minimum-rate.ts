import type { Rate } from './rate.js'

/**
 * What packets have to bring so that the payment keeps to its minimum rate, whichever of them are fulfilled: at no
 * time has it delivered less than the minimum rate of what it sent, but for one unit of the receiver's, which the
 * payment as a whole may lose by rounding.
 *
 * A packet's minimum is rounded down where earlier packets brought enough more to make up for that, and up otherwise.
 */
export class MinimumRate {
  readonly rate: Rate
  /** What may be lost yet, in the receiver's unit times `rate.sent`. */
  #credit: bigint

  constructor(rate: Rate) {
    this.rate = rate
    this.#credit = rate.sent
  }

  /** What a packet with this amount has to bring. */
  of(amount: bigint): bigint {
    const due = amount * this.rate.delivered
    const down = due / this.rate.sent
    const lost = due - down * this.rate.sent
    return lost <= this.#credit ? down : down + 1n
  }

  /** A packet is sent that has to bring `minimum`. */
  hold(amount: bigint, minimum: bigint): void {
    const change = this.#change(amount, minimum)
    if (change < 0n) this.#credit += change
  }

  /** The packet has brought nothing, and cost nothing. */
  release(amount: bigint, minimum: bigint): void {
    const change = this.#change(amount, minimum)
    if (change < 0n) this.#credit -= change
  }

  /** The packet has brought `delivered`, at least its minimum. */
  settle(amount: bigint, minimum: bigint, delivered: bigint): void {
    this.release(amount, minimum)
    this.#credit += this.#change(amount, delivered)
  }

  /** What is gained with a packet that brings so much. */
  #change(amount: bigint, delivered: bigint): bigint {
    return delivered * this.rate.sent - amount * this.rate.delivered
  }
}
