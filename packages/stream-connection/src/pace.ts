/** Packets in flight at first. */
const WINDOW_START = 10
/** The first pause after a refusal. It doubles from one to the next, and halves with each packet that arrives. */
const PAUSE_MS_MIN = 10
const PAUSE_MS_MAX = 4_000

/**
 * How much may be in flight. The window of packets opens by one with each packet that arrives, and above half of where
 * one was refused, by one per round trip; a refusal halves it. The window of money halves where liquidity is short,
 * and grows by a third of what arrives.
 */
export class Pace {
  /** Nothing goes out before. Milliseconds since 1970. */
  pausedUntilMs = 0
  /** Money in flight, in the sender's unit, at least 1. */
  moneyMax: bigint
  readonly #windowMax: number
  readonly #moneyLimit: bigint
  readonly #random: () => number
  #window: number
  #slowFrom: number
  #pauseMs = 0
  /** What is known of packets up to this one is older than the last refusal. */
  #refusedUpTo = 0

  constructor(windowMax: number, moneyLimit: bigint, random: () => number) {
    this.#windowMax = windowMax
    this.#moneyLimit = moneyLimit
    this.moneyMax = moneyLimit
    this.#random = random
    this.#window = Math.min(WINDOW_START, windowMax)
    this.#slowFrom = windowMax
  }

  /** Packets in flight, at least 1. */
  get window(): number {
    return Math.floor(this.#window)
  }

  onArrived(amount: bigint): void {
    this.#window += this.#window < this.#slowFrom ? 1 : 1 / this.#window
    if (this.#window > this.#windowMax) this.#window = this.#windowMax
    this.#pauseMs = Math.floor(this.#pauseMs / 2)
    if (amount === 0n || this.moneyMax === this.#moneyLimit) return
    this.moneyMax += amount / 3n + 1n
    if (this.moneyMax > this.#moneyLimit) this.moneyMax = this.#moneyLimit
  }

  /**
   * A packet was refused for now, or lost.
   * @param sequence the packet's; `last` is that of the last one sent
   */
  onRefused(sequence: number, last: number, nowMs: number): void {
    if (!this.#isNews(sequence, last)) return
    this.#slowFrom = Math.max(1, this.#window / 2)
    this.#window = this.#slowFrom
    this.#pauseMs = Math.min(Math.max(PAUSE_MS_MIN, this.#pauseMs * 2), PAUSE_MS_MAX)
    this.#pause(this.#pauseMs, nowMs)
  }

  /** A packet was refused because there was no liquidity while `inFlight` was under way. */
  onShort(inFlight: bigint, sequence: number, last: number, nowMs: number): void {
    if (this.moneyMax === 1n || inFlight <= 1n) return this.onRefused(sequence, last, nowMs)
    if (!this.#isNews(sequence, last)) return
    const half = inFlight / 2n
    if (half < this.moneyMax) this.moneyMax = half
    this.#pause(PAUSE_MS_MIN, nowMs)
  }

  #isNews(sequence: number, last: number): boolean {
    if (sequence <= this.#refusedUpTo) return false
    this.#refusedUpTo = last
    return true
  }

  /** Those who were refused together shall not come back together. */
  #pause(ms: number, nowMs: number): void {
    this.pausedUntilMs = nowMs + Math.ceil(ms * (0.5 + this.#random()))
  }
}
