import { larger, smaller } from './amounts.js'

/** Packets in flight at first. */
const WINDOW_START = 10
/** The first pause after a refusal; doubled from one to the next, halved with each packet that gets through. */
const PAUSE_MS_MIN = 10
const PAUSE_MS_MAX = 4_000

/**
 * How much may be in flight, as packets and as money.
 *
 * The window of packets grows by one with each packet that gets through, and from half the size on at which one was
 * last refused, by one per round trip; a refusal halves it, once per round trip.
 *
 * The window of money grows by a third per round trip, and slowly just below where liquidity was last short. A shortage
 * takes it down to half of what was under way, but not below what has been carried: packets got through that were sent
 * while so much was under way. A shortage at less than that is not of this sender's making: it leaves the window, and
 * halves what counts as carried, in case that shortages go on.
 *
 * Refusals and shortages make a pause.
 */
export class Congestion {
  /** Nothing is sent before. Milliseconds since 1970. */
  pausedUntilMs = 0
  /** Money in flight, in the sender's unit, at least 1. */
  amountMax: bigint
  readonly #windowMax: number
  readonly #amountLimit: bigint
  readonly #random: () => number
  #window: number
  #threshold: number
  #amountMin = 1n
  /** The most that was under way when a packet was sent that got through. */
  #carried = 0n
  /** What was under way when liquidity was last short. */
  #shortAt = 0n
  #pauseMs = 0
  /** Packets up to this one were sent before the last refusal was known. */
  #refusedUpTo = 0

  /**
   * @param windowMax packets in flight, at least 1
   * @param amountLimit money in flight, at least 1
   * @param random 0 to 1, to spread retries
   */
  constructor(windowMax: number, amountLimit: bigint, random: () => number) {
    this.#windowMax = windowMax
    this.#amountLimit = amountLimit
    this.amountMax = amountLimit
    this.#random = random
    this.#window = Math.min(WINDOW_START, windowMax)
    this.#threshold = windowMax
  }

  /** Packets in flight, at least 1. */
  get window(): number {
    return Math.floor(this.#window)
  }

  /**
   * A packet with this amount, which may be 0, was fulfilled.
   * @param underWay money in flight when it was sent, its own included
   */
  onFulfill(amount: bigint, underWay: bigint): void {
    const grown = this.#window + (this.#window < this.#threshold ? 1 : 1 / this.#window)
    this.#window = Math.min(grown, this.#windowMax)
    if (this.#pauseMs > 0) this.#pauseMs = Math.floor(this.#pauseMs / 2)
    if (amount === 0n) return
    if (underWay > this.#carried) this.#carried = underWay
    if (this.amountMax >= this.#amountLimit) return
    const isNear = this.amountMax < this.#shortAt && this.amountMax * 8n >= this.#shortAt * 7n
    this.amountMax = smaller(this.amountMax + amount / (isNear ? 16n : 3n) + 1n, this.#amountLimit)
  }

  /**
   * A packet was refused, or lost. False when it was sent before an earlier refusal was known: it says nothing new.
   * @param sequence the packet's; `lastSequence` is that of the last packet sent
   */
  onRefusal(sequence: number, lastSequence: number, nowMs: number): boolean {
    if (!this.#isNews(sequence, lastSequence)) return false
    this.#threshold = Math.max(1, this.#window / 2)
    this.#window = this.#threshold
    this.#pauseLonger(nowMs)
    return true
  }

  /**
   * A packet was refused because liquidity was short.
   * @param underWay money in flight when it was sent, its own included
   */
  onShortLiquidity(underWay: bigint, sequence: number, lastSequence: number, nowMs: number): void {
    if (underWay <= 1n || this.amountMax <= this.#amountMin) {
      this.onRefusal(sequence, lastSequence, nowMs)
      return
    }
    if (!this.#isNews(sequence, lastSequence)) return
    if (underWay <= this.#carried) {
      this.#carried /= 2n
      this.#pauseLonger(nowMs)
      return
    }
    this.#shortAt = underWay
    const less = larger(larger(underWay / 2n, this.#carried), this.#amountMin)
    this.amountMax = smaller(this.amountMax, less)
    this.#pause(PAUSE_MS_MIN, nowMs)
  }

  /** Packets with less than this are of no use. */
  atLeast(amount: bigint): void {
    this.#amountMin = smaller(amount, this.#amountLimit)
    this.amountMax = larger(this.amountMax, this.#amountMin)
  }

  #isNews(sequence: number, lastSequence: number): boolean {
    if (sequence <= this.#refusedUpTo) return false
    this.#refusedUpTo = lastSequence
    return true
  }

  #pauseLonger(nowMs: number): void {
    this.#pauseMs = Math.min(Math.max(PAUSE_MS_MIN, this.#pauseMs * 2), PAUSE_MS_MAX)
    this.#pause(this.#pauseMs, nowMs)
  }

  /** Senders that were refused together shall not come back together. */
  #pause(ms: number, nowMs: number): void {
    this.pausedUntilMs = nowMs + Math.ceil(ms * (0.5 + this.#random()))
  }
}
