import type { AccountId } from '@ilp/service-core'

/** What an account may move in one direction. */
export interface RateLimit {
  /** Packets, also those without an amount. A whole number from 0 to 2^53-1; undefined for any. */
  readonly packetsPerMinute?: number | undefined
  /** The sum of their amounts, in the account's unit. 0 or more; undefined for any. */
  readonly amountPerMinute?: bigint | undefined
}

export type Direction = 'incoming' | 'outgoing'

/** What becomes of a packet: it passes, or one of the limits is used up, or nobody can tell at the moment. */
export type Verdict = 'passes' | 'packets' | 'amount' | 'unknown'

/** The limits of one account in one direction, and what is used of them. */
export interface Meter {
  /** Counts a packet. Its answer is there at once wherever it can be. Never throws. */
  readonly take: (units: bigint) => Verdict | Promise<Verdict>
  /** The packet was rejected: its amount has not been moved. */
  readonly refund: (units: bigint) => void
  /** Goes by another limit from now on. */
  readonly limit: (limit: RateLimit) => void
  /** Whether nothing would be lost with it: a new one would be the same. */
  readonly isIdle: () => boolean
  /** Ends it: gives back what it holds for later. */
  readonly close: () => Promise<void>
}

/** Where limits are counted: `localLimits` in this process, `leasedLimits` in a store. */
export interface Limits {
  /** A new meter. */
  readonly meter: (direction: Direction, account: AccountId, limit: RateLimit) => Meter
}

/** Meters that are kept without a look at which of them are idle. */
const METERS_KEPT = 1_024

interface Kept {
  readonly meter: Meter
  limit: RateLimit
}

/**
 * The meters of one direction, by account. One that has been idle for as long as its limits take to fill is forgotten:
 * there are never more than 1,024, or than twice as many as accounts were active in the last minute.
 */
export class Meters {
  readonly #limits: Limits
  readonly #direction: Direction
  readonly #kept = new Map<AccountId, Kept>()
  #sweepAt = METERS_KEPT

  constructor(limits: Limits, direction: Direction) {
    this.#limits = limits
    this.#direction = direction
  }

  get size(): number {
    return this.#kept.size
  }

  of(account: AccountId, limit: RateLimit): Meter {
    const kept = this.#kept.get(account)
    if (kept === undefined) return this.#add(account, limit)
    if (kept.limit !== limit) {
      kept.limit = limit
      kept.meter.limit(limit)
    }
    return kept.meter
  }

  /** Forgets all of them, each ended. */
  async close(): Promise<void> {
    const meters = [...this.#kept.values()]
    this.#kept.clear()
    await Promise.all(meters.map(({ meter }) => meter.close()))
  }

  #add(account: AccountId, limit: RateLimit): Meter {
    if (this.#kept.size >= this.#sweepAt) this.#sweep()
    const meter = this.#limits.meter(this.#direction, account, limit)
    this.#kept.set(account, { meter, limit })
    return meter
  }

  #sweep(): void {
    for (const [account, { meter }] of this.#kept) {
      if (!meter.isIdle()) continue
      this.#kept.delete(account)
      void meter.close()
    }
    this.#sweepAt = Math.max(METERS_KEPT, this.#kept.size * 2)
  }
}
