import {
  type Congestion,
  deliveredDown,
  isBelow,
  type MinimumRate,
  nextPart,
  type PacketLimit,
  type Rate,
  type RateEstimate,
  smaller,
  sourceFor,
  trimmed,
} from '@ilp/stream-path'
import type { Ledger } from './ledger.js'
import type { Payment, PaymentEnd } from './payment.js'
import type { Receiver } from './receiver.js'

export interface PlanParts {
  readonly ledger: Ledger
  readonly limit: PacketLimit
  readonly congestion: Congestion
  readonly receiver: Receiver
  readonly estimate: RateEstimate
  readonly minimum: MinimumRate
}

/** The most that a payment may send, in the sender's unit. */
function sourceMaxOf(amount: Payment['amount'], minRate: Rate): bigint {
  if ('source' in amount) return amount.source
  // One unit more than asked for: as much as the payment may lose by rounding.
  const atMinimum = sourceFor(minRate, amount.delivery + 1n)
  return amount.sourceMax === undefined ? atMinimum : smaller(amount.sourceMax, atMinimum)
}

/** Decides how large the next packet is. */
export class Plan {
  /** Whether the last amount was cut down to nothing by the receiver's limit. */
  #blocked = false
  readonly sourceMax: bigint
  /** What is to arrive, if that is fixed. */
  readonly #target: bigint | undefined
  readonly #parts: PlanParts

  constructor(amount: Payment['amount'], parts: PlanParts) {
    this.sourceMax = sourceMaxOf(amount, parts.minimum.rate)
    this.#target = 'delivery' in amount ? amount.delivery : undefined
    this.#parts = parts
  }

  /** What may be sent yet. */
  get left(): bigint {
    return this.sourceMax - this.#parts.ledger.committed
  }

  /** Whether all has been paid that should be. */
  get reached(): boolean {
    if (this.#target !== undefined) return this.#parts.ledger.delivered >= this.#target
    return this.#parts.ledger.sent >= this.sourceMax
  }

  /** Why the payment is over, when nothing is in flight or can be sent; undefined if the receiver may take more later. */
  get end(): PaymentEnd | undefined {
    const { sent, unknown } = this.#parts.ledger
    if (this.reached) return 'completed'
    if (this.#blocked) return undefined
    if (unknown > 0n) return 'unknownOutcome'
    if (this.left === 0n) return 'sourceLimit'
    return sent > 0n && this.#target === undefined ? 'completed' : 'amountTooSmall'
  }

  /** The amount of the next packet; 0 when there is none, for now or at all. */
  next(): bigint {
    const { ledger, limit, congestion } = this.#parts
    const size = smaller(smaller(limit.next, congestion.amountMax), this.left)
    if (size <= 0n) return 0n
    const amount = this.#withinRoom(this.#target === undefined ? this.#share(size) : this.#step(size))
    return ledger.inFlight > 0n && ledger.inFlight + amount > congestion.amountMax ? 0n : amount
  }

  /** What a packet is expected to bring at most. Those that bring less than the minimum are refused anyway. */
  most(amount: bigint): bigint {
    const most = this.#parts.estimate.most(amount)
    const minimum = deliveredDown(this.#parts.minimum.rate, amount)
    if (most > minimum) return most
    return minimum
  }

  /** Of a fixed source: full packets, and of the last two both halves, so that none is worth next to nothing. */
  #share(size: bigint): bigint {
    const { left } = this
    if (left > size) return trimmed(this.#low, nextPart(left, size))
    const { estimate, minimum } = this.#parts
    const least = estimate.least(left)
    return least > 0n && least >= minimum.of(left) ? left : trimmed(this.#low, left)
  }

  /** Of a fixed delivery: full packets, and when the rest fits in one, exactly that, with no other in flight. */
  #step(size: bigint): bigint {
    const { ledger, estimate } = this.#parts
    const needed = (this.#target as bigint) - ledger.delivered - ledger.expected
    if (needed <= 0n) return 0n
    if (this.most(size) < needed) return trimmed(this.#low, size)
    return ledger.inFlight > 0n ? 0n : smaller(estimate.sourceFor(needed, this.#low), size)
  }

  /** As much of it as the receiver takes. */
  #withinRoom(amount: bigint): bigint {
    const { receiver, ledger, estimate } = this.#parts
    const room = receiver.stream.room() - ledger.expected
    this.#blocked = amount > 0n && room < this.most(amount)
    if (!this.#blocked) return amount
    if (room <= 0n) return 0n
    const rate = this.#parts.minimum.rate
    const { delivered, sent } = isBelow(estimate.high, rate) ? rate : estimate.high
    return smaller((room * sent) / delivered, amount)
  }

  /** The rate that a packet which isn't refused has at least. */
  get #low(): Rate {
    const { estimate, minimum } = this.#parts
    return isBelow(estimate.low, minimum.rate) ? minimum.rate : estimate.low
  }
}
