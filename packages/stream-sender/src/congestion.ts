/** Packets in flight at first. */
const WINDOW_START = 10
/** The first pause after a refusal; doubled from one to the next, halved with each packet that gets through. */
const PAUSE_MS_MIN = 10
const PAUSE_MS_MAX = 4_000

/**
 * How much may be in flight. The window of packets grows by one with each packet that gets through, and from half the
 * size on at which one was last refused, by one per round trip; a refusal halves it, once per round trip, and makes a
 * pause. The window of money is halved when liquidity is short, and grows by a third per round trip.
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
  #pauseMs = 0
  /** Packets up to this one were sent before the last refusal was known. */
  #refusedUpTo = 0

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

  /** A packet with this amount was fulfilled. */
  onFulfill(amount: bigint): void {
    const grown = this.#window + (this.#window < this.#threshold ? 1 : 1 / this.#window)
    this.#window = Math.min(grown, this.#windowMax)
    if (this.#pauseMs > 0) this.#pauseMs = Math.floor(this.#pauseMs / 2)
    if (this.amountMax >= this.#amountLimit) return
    const more = this.amountMax + amount / 3n + 1n
    this.amountMax = more < this.#amountLimit ? more : this.#amountLimit
  }

  /**
   * A packet was refused, or lost. False when it was sent before an earlier refusal was known: it says nothing new.
   * @param sequence the packet's; `lastSequence` is that of the last packet sent
   */
  onRefusal(sequence: number, lastSequence: number, nowMs: number): boolean {
    if (sequence <= this.#refusedUpTo) return false
    this.#refusedUpTo = lastSequence
    this.#threshold = Math.max(1, this.#window / 2)
    this.#window = this.#threshold
    this.#pauseMs = Math.min(Math.max(PAUSE_MS_MIN, this.#pauseMs * 2), PAUSE_MS_MAX)
    this.#pause(this.#pauseMs, nowMs)
    return true
  }

  /** A packet was refused because liquidity was short when `inFlight` was under way. Half of it may pass soon. */
  onShortLiquidity(inFlight: bigint, sequence: number, lastSequence: number, nowMs: number): void {
    if (this.amountMax <= this.#amountMin) {
      this.onRefusal(sequence, lastSequence, nowMs)
      return
    }
    if (sequence <= this.#refusedUpTo) return
    this.#refusedUpTo = lastSequence
    const half = inFlight / 2n
    if (half < this.amountMax) this.amountMax = half > this.#amountMin ? half : this.#amountMin
    this.#pause(PAUSE_MS_MIN, nowMs)
  }

  /** Packets with less than this are of no use. */
  atLeast(amount: bigint): void {
    this.#amountMin = amount < this.#amountLimit ? amount : this.#amountLimit
    if (this.amountMax < this.#amountMin) this.amountMax = this.#amountMin
  }

  /** Senders that were refused together shall not come back together. */
  #pause(ms: number, nowMs: number): void {
    this.pausedUntilMs = nowMs + Math.ceil(ms * (0.5 + this.#random()))
  }
}
