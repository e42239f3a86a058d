import {
  lessPpm,
  MinimumRate,
  PacketLimit,
  type Rate,
  RateEstimate,
  smaller,
  sourceFor,
} from '@ilp/stream-path'

/** Amounts that an unknown path is tried with, all at once: some show the rate, others the maximum. */
const PROBES = [1n, 1_000n, 1_000_000n, 1_000_000_000n, 1_000_000_000_000n]
/** Units that a probe has to bring to show the rate well. */
const PRECISE = 1_000n
const ROUNDS_MAX = 6

/** What is known of the way to the other end: the largest packet, the rate, and what packets have to bring. */
export class Path {
  readonly limit: PacketLimit
  estimate: RateEstimate | undefined
  /** From the end of the probing on. */
  minimum: MinimumRate | undefined
  readonly #slippagePpm: number
  readonly #minRate: Rate | undefined
  /** What the largest that has arrived has brought. */
  #precision = 0n
  #rounds = 0

  constructor(max: bigint, slippagePpm: number, minRate: Rate | undefined) {
    this.limit = new PacketLimit(max)
    this.#slippagePpm = slippagePpm
    this.#minRate = minRate
  }

  /** Amounts to try next; none when enough is known, or when nothing more can be found out for now. */
  nextProbes(): bigint[] {
    this.#rounds += 1
    if (this.#rounds > ROUNDS_MAX) return []
    const { max, verified, isGuess } = this.limit
    if (this.#rounds === 1) {
      const below = PROBES.filter(amount => amount <= max)
      return below.length === PROBES.length ? below : [...below.filter(amount => amount < max), max]
    }
    if (this.#precision >= PRECISE || verified >= max) return []
    if (!isGuess) return max <= (PROBES.at(-1) as bigint) ? [max] : []
    const from = verified > 0n ? verified : max / 1_000n + 1n
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
    if (this.minimum || !this.estimate || this.estimate.low.delivered === 0n) return
    this.minimum = new MinimumRate(this.#minRate ?? lessPpm(this.estimate.low, this.#slippagePpm))
  }

  /** A packet has reached the other end, which got `delivered`. */
  observe(amount: bigint, delivered: bigint): void {
    if (amount === 0n) return
    const { verified } = this.limit
    this.limit.passed(amount)
    if (this.limit.verified > verified) this.#precision = delivered
    this.#estimate(amount, delivered)
  }

  /** Nothing was left of a packet on its way (R01). */
  nothingLeft(amount: bigint): void {
    if (amount > 0n) this.#estimate(amount, 0n)
  }

  /** A packet was refused for its size (F08), with this data. */
  tooLarge(amount: bigint, data: Uint8Array): void {
    this.limit.tooLarge(amount, data)
    this.limit.settle()
  }

  /** Whether `amount` is known not to bring a unit. */
  isWorthless(amount: bigint): boolean {
    return this.estimate !== undefined && this.estimate.most(amount) === 0n
  }

  /** What is known that a packet of `amount` brings, at least. */
  least(amount: bigint): bigint {
    return this.estimate?.least(amount) ?? 0n
  }

  /** The least amount that brings a unit, as far as is known; 0 when it isn't. */
  get amountOfUnit(): bigint {
    const low = this.estimate?.low
    return low && low.delivered > 0n ? sourceFor(low, 1n) : 0n
  }

  #estimate(amount: bigint, delivered: bigint): void {
    if (this.estimate) this.estimate.observe(amount, delivered)
    else this.estimate = new RateEstimate(amount, delivered)
  }
}
