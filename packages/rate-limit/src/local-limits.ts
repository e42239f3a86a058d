import { TokenBucket } from '@ilp/store-traits'
import type { Limits, Meter, RateLimit, Verdict } from './limits.js'

export interface LocalLimitsDeps {
  /** Milliseconds from any beginning, of a clock that never goes back; `performance.now` unless given. */
  readonly nowMs?: (() => number) | undefined
}

/** Limits that this process counts by itself. */
export function localLimits({ nowMs = () => performance.now() }: LocalLimitsDeps = {}): Limits {
  const wholeMs = () => Math.floor(nowMs())
  return { meter: (_direction, _account, limit) => new LocalMeter(limit, wholeMs) }
}

class LocalMeter implements Meter {
  readonly #nowMs: () => number
  #packets: TokenBucket | undefined
  #amount: TokenBucket | undefined

  constructor(limit: RateLimit, nowMs: () => number) {
    this.#nowMs = nowMs
    this.limit(limit)
  }

  take(units: bigint): Verdict {
    const nowMs = this.#nowMs()
    if (this.#packets !== undefined && !this.#packets.take(1n, nowMs)) return 'packets'
    if (this.#amount !== undefined && !this.#amount.take(units, nowMs)) return 'amount'
    return 'passes'
  }

  refund(units: bigint): void {
    this.#amount?.give(units)
  }

  limit({ packetsPerMinute, amountPerMinute }: RateLimit): void {
    const nowMs = this.#nowMs()
    this.#packets = limited(this.#packets, packetsPerMinute, nowMs)
    this.#amount = limited(this.#amount, amountPerMinute, nowMs)
  }

  isIdle(): boolean {
    const nowMs = this.#nowMs()
    return this.#packets?.isFull(nowMs) !== false && this.#amount?.isFull(nowMs) !== false
  }

  async close(): Promise<void> {}
}

function limited(
  bucket: TokenBucket | undefined,
  perMinute: number | bigint | undefined,
  nowMs: number,
): TokenBucket | undefined {
  if (perMinute === undefined) return undefined
  const tokens = BigInt(perMinute)
  const terms = { perMinute: tokens, capacity: tokens }
  if (bucket === undefined) return new TokenBucket(terms, nowMs)
  bucket.change(terms, nowMs)
  return bucket
}
