import type { AccountId, Logger } from '@ilp/service-core'
import type { RateLimitStore } from '@ilp/store-traits'
import { Lease, type LeaseTerms, type Taken } from './lease.js'
import type { Direction, Limits, Meter, RateLimit, Verdict } from './limits.js'

export interface LeasedLimitsDeps {
  readonly store: RateLimitStore
  /** Hears once of each time that the store can't be reached. */
  readonly logger: Logger
  /** Milliseconds from any beginning, of a clock that never goes back; `performance.now` unless given. */
  readonly nowMs?: (() => number) | undefined
}

export interface LeasedLimitsOptions {
  /** What a block is worth: the tokens that come back in this time, at least one. */
  readonly blockMs: number
  /** How long the store isn't asked again for tokens that it had not, or when it did not answer. */
  readonly retryMs: number
}

export const LEASED_LIMITS_DEFAULTS: LeasedLimitsOptions = { blockMs: 1_000, retryMs: 100 }

/** How long after its last packet a meter counts as idle: what its buckets in the store take to be full. */
const IDLE_MS = 60_000

/**
 * Limits that all processes with the same store share. Each takes tokens from the store in blocks, ahead of their use,
 * so that packets wait for the store only where a block runs out.
 * @throws RangeError when an option is no whole number above 0, or `blockMs` is above a minute
 */
export function leasedLimits(deps: LeasedLimitsDeps, options: Partial<LeasedLimitsOptions> = {}): Limits {
  const { store, logger, nowMs = () => performance.now() } = deps
  const { blockMs, retryMs } = { ...LEASED_LIMITS_DEFAULTS, ...options }
  for (const [name, value] of Object.entries({ blockMs, retryMs })) {
    if (!(Number.isSafeInteger(value) && value > 0 && value <= 60_000)) {
      throw new RangeError(`${name} is ${value}, not a whole number from 1 to 60000`)
    }
  }
  let isReachable = true
  const terms: LeaseTerms = {
    store,
    nowMs,
    blockMs: BigInt(blockMs),
    retryMs,
    reached: () => {
      isReachable = true
    },
    failed: err => {
      if (isReachable) logger.warn({ err }, 'the store of the rate limits is out of reach')
      isReachable = false
    },
  }
  return { meter: (direction, account, limit) => new LeasedMeter(terms, direction, account, limit) }
}

class LeasedMeter implements Meter {
  readonly #terms: LeaseTerms
  readonly #name: string
  #packets: Lease | undefined
  #amount: Lease | undefined
  #usedAtMs = 0

  constructor(terms: LeaseTerms, direction: Direction, account: AccountId, limit: RateLimit) {
    this.#terms = terms
    this.#name = `${direction}/${account}`
    this.limit(limit)
  }

  take(units: bigint): Verdict | Promise<Verdict> {
    this.#usedAtMs = this.#terms.nowMs()
    const counted = this.#packets?.take(1n, this.#usedAtMs) ?? 'taken'
    if (counted === 'taken') return this.#takeAmount(units)
    if (typeof counted === 'string') return verdictOf(counted, 'packets')
    return counted.then(later => (later === 'taken' ? this.#takeAmount(units) : verdictOf(later, 'packets')))
  }

  refund(units: bigint): void {
    this.#amount?.give(units)
  }

  limit({ packetsPerMinute, amountPerMinute }: RateLimit): void {
    this.#packets = this.#lease(this.#packets, 'packets', packetsPerMinute)
    this.#amount = this.#lease(this.#amount, 'amount', amountPerMinute)
  }

  isIdle(): boolean {
    return this.#terms.nowMs() - this.#usedAtMs >= IDLE_MS
  }

  async close(): Promise<void> {
    await Promise.all([this.#packets?.close(), this.#amount?.close()])
  }

  #takeAmount(units: bigint): Verdict | Promise<Verdict> {
    const taken = this.#amount?.take(units, this.#usedAtMs) ?? 'taken'
    return typeof taken === 'string'
      ? verdictOf(taken, 'amount')
      : taken.then(later => verdictOf(later, 'amount'))
  }

  #lease(
    lease: Lease | undefined,
    what: 'packets' | 'amount',
    perMinute: number | bigint | undefined,
  ): Lease | undefined {
    if (perMinute === undefined) {
      void lease?.close()
      return undefined
    }
    const tokens = BigInt(perMinute)
    if (lease === undefined) return new Lease(this.#terms, `${what}/${this.#name}`, tokens)
    lease.limit(tokens)
    return lease
  }
}

function verdictOf(taken: Taken, limit: 'packets' | 'amount'): Verdict {
  if (taken === 'taken') return 'passes'
  return taken === 'dry' ? limit : 'unknown'
}
