import type { Reject } from '@ilp/service-core'
import type { ReceivedStreamPacket } from '@ilp/stream-packet'
import { type Congestion, deliveredDown, type Flight, type PacketLimit, type Rate } from '@ilp/stream-path'
import type { Discovery } from './discovery.js'
import type { Packet, PaymentLoad } from './packets.js'
import type { PaymentEnd } from './payment.js'

/** Refusals in a row, each followed by a pause, that end a payment when only waiting could help: some seconds. */
const STRIKES_MAX = 8
/** Refusals for their size in a row from which on there are pauses. */
const TOO_LARGE_MAX = 16

/** What a reject says about the next packet. */
export type Cause =
  /** Smaller ones may pass. */
  | 'tooLarge'
  /** Nothing was left of it after an exchange: larger ones may pass. */
  | 'nothingLeft'
  /** Less money in flight may pass. */
  | 'shortLiquidity'
  /** It may pass later. */
  | 'busy'
  /** The receiver has no room. */
  | 'full'
  /** It brought less than its minimum. */
  | 'rateTooLow'
  /** The receiver says no. */
  | 'receiverRefused'
  /** There was too little time. */
  | 'shortTime'
  /** None will pass. */
  | 'fatal'

/**
 * @param words the receiver's own, if the reject is the receiver's
 * @param room what the receiver says that it takes yet
 */
export function causeOf(
  { code }: Reject,
  { minimum }: Packet,
  words: ReceivedStreamPacket | undefined,
  room: bigint,
): Cause {
  if (code === 'T04') return 'shortLiquidity'
  if (code.startsWith('T')) return 'busy'
  if (words) {
    if (words.prepareAmount < minimum) return 'rateTooLow'
    return words.prepareAmount > room ? 'full' : 'receiverRefused'
  }
  if (code === 'F08') return 'tooLarge'
  if (code === 'R01') return 'nothingLeft'
  if (code === 'R02') return 'shortTime'
  if (code === 'F99' || code === 'R99') return 'receiverRefused'
  return code.startsWith('R') ? 'busy' : 'fatal'
}

interface RefusalParts {
  readonly limit: PacketLimit
  readonly congestion: Congestion
  readonly discovery: Discovery
  readonly flight: Flight<PaymentLoad>
  readonly now: () => number
}

/** What follows from rejects: other amounts, pauses, and when it is enough, the end. */
export class Refusals {
  readonly #parts: RefusalParts
  #strikes = 0
  #tooLarge = 0

  constructor(parts: RefusalParts) {
    this.#parts = parts
  }

  /** Something got through: what was before doesn't count any more. */
  clear(): void {
    this.#strikes = 0
    this.#tooLarge = 0
  }

  /**
   * Draws the conclusions of a reject with this data; gives the reason when it ends the payment.
   * @param minRate that of the payment, from the quote on
   */
  answer(cause: Cause, packet: Packet, data: Uint8Array, minRate: Rate | undefined): PaymentEnd | undefined {
    const { purpose, amount, sequence } = packet
    switch (cause) {
      case 'tooLarge':
        return this.#onTooLarge(packet, data)
      case 'nothingLeft':
        if (purpose === 'money') return this.#onTooSmall('amountTooSmall', amount, sequence)
        return this.probedNothing(amount, sequence)
      case 'shortLiquidity':
        this.#onShortLiquidity(packet)
        return undefined
      case 'busy':
      // The plan will find that the receiver has no room.
      case 'full':
        this.backOff(sequence)
        return undefined
      case 'rateTooLow': {
        const least = this.#parts.discovery.estimate?.least(amount) ?? 0n
        const isRounded = minRate !== undefined && least >= deliveredDown(minRate, amount)
        return isRounded ? this.#onTooSmall(cause, amount, sequence) : this.strike(cause, sequence)
      }
      case 'receiverRefused':
        return this.strike(cause, sequence)
      case 'shortTime':
        return this.strike('rejected', sequence)
      case 'fatal':
        return 'rejected'
    }
  }

  /** Nothing was left of a probe, or nothing of worth: larger ones follow, as far as there are any. */
  probedNothing(amount: bigint, sequence: number): PaymentEnd | undefined {
    const { congestion, discovery } = this.#parts
    if (!discovery.nothingLeft(amount)) return 'amountTooSmall'
    if (amount >= congestion.amountMax) {
      // Liquidity was short for larger ones. Until it isn't, there is no more to find out.
      congestion.atLeast(amount * 2n)
      this.backOff(sequence)
    }
    return undefined
  }

  /** Counts a refusal that can't be the path's load; gives the reason when there were enough. */
  strike(end: PaymentEnd, sequence: number): PaymentEnd | undefined {
    if (!this.backOff(sequence)) return undefined
    this.#strikes += 1
    return this.#strikes >= STRIKES_MAX ? end : undefined
  }

  /** False when the packet was sent before an earlier refusal was known. */
  backOff(sequence: number): boolean {
    const { congestion, flight, now } = this.#parts
    return congestion.onRefusal(sequence, flight.last, now())
  }

  #onTooLarge({ purpose, amount, sequence }: Packet, data: Uint8Array): PaymentEnd | undefined {
    const { limit } = this.#parts
    limit.tooLarge(amount, data)
    if (purpose === 'money') limit.settle()
    this.#tooLarge += 1
    if (this.#tooLarge > TOO_LARGE_MAX) this.backOff(sequence)
    return limit.max === 0n ? 'rejected' : undefined
  }

  /** Less than a unit, or too much of one, was rounded away: larger packets fare better. */
  #onTooSmall(end: PaymentEnd, amount: bigint, sequence: number): PaymentEnd | undefined {
    this.#parts.congestion.atLeast(amount * 2n)
    return this.strike(end, sequence)
  }

  #onShortLiquidity({ underWay, sequence }: Packet): void {
    const { congestion, flight, now } = this.#parts
    congestion.onShortLiquidity(underWay, sequence, flight.last, now())
  }
}
