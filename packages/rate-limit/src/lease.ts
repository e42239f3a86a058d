import type { RateLimitStore, RateLimitTerms } from '@ilp/store-traits'

/** `dry`: there are not so many tokens. `unknown`: the store doesn't say. */
export type Taken = 'taken' | 'dry' | 'unknown'

/** What all leases of a process share. */
export interface LeaseTerms {
  readonly store: RateLimitStore
  readonly nowMs: () => number
  readonly blockMs: bigint
  readonly retryMs: number
  /** The store has answered. */
  readonly reached: () => void
  /** The store has not. */
  readonly failed: (error: unknown) => void
}

interface Waiting {
  readonly tokens: bigint
  readonly resolve: (taken: Taken) => void
}

/** Packets that wait for one bucket of the store. More are answered as if it were empty. */
const WAITING_MAX = 10_000

const MINUTE_MS = 60_000n

/**
 * Tokens of one bucket of the store that this process may spend. It holds a block at most, and while refunds come in,
 * two.
 */
export class Lease {
  readonly #shared: LeaseTerms
  readonly #bucket: string
  #terms: RateLimitTerms
  #block: bigint
  #held = 0n
  #waiting: Waiting[] = []
  /** The tokens that those who wait are waiting for. */
  #needed = 0n
  #asking: Promise<void> | undefined
  #isClosed = false
  /** Until when the store isn't asked, and what those hear for whom too little is held. */
  #pauseUntilMs = Number.NEGATIVE_INFINITY
  #pausedFor: Taken = 'dry'

  constructor(shared: LeaseTerms, bucket: string, perMinute: bigint) {
    this.#shared = shared
    this.#bucket = bucket
    this.#terms = { perMinute, capacity: perMinute }
    this.#block = blockOf(perMinute, shared.blockMs)
  }

  take(tokens: bigint, nowMs: number): Taken | Promise<Taken> {
    if (tokens === 0n) return 'taken'
    if (this.#waiting.length === 0 && this.#held >= tokens) {
      this.#held -= tokens
      if (this.#held < this.#block / 2n && nowMs >= this.#pauseUntilMs) this.#ask()
      return 'taken'
    }
    if (tokens > this.#terms.capacity || this.#waiting.length >= WAITING_MAX) return 'dry'
    if (nowMs < this.#pauseUntilMs) return this.#pausedFor
    return new Promise(resolve => {
      this.#waiting.push({ tokens, resolve })
      this.#needed += tokens
      this.#ask()
    })
  }

  /** Takes back what was not used after all. */
  give(tokens: bigint): void {
    this.#held += tokens
    this.#trim()
  }

  limit(perMinute: bigint): void {
    this.#terms = { perMinute, capacity: perMinute }
    this.#block = blockOf(perMinute, this.#shared.blockMs)
    this.#trim()
  }

  /** Gives back what it holds, once nobody waits any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#asking !== undefined) await this.#asking
    await this.#giveBack(this.#held)
  }

  /** What more than two blocks hold goes back to the others, down to one. */
  #trim(): void {
    if (this.#held > this.#block * 2n) void this.#giveBack(this.#held - this.#block)
  }

  async #giveBack(tokens: bigint): Promise<void> {
    if (tokens === 0n) return
    this.#held -= tokens
    // Tokens that don't get there are lost: the limit is kept all the more.
    await this.#shared.store.give(this.#bucket, this.#terms, tokens).catch(this.#shared.failed)
  }

  /** Asks for a block on top of what those who wait need, unless it has asked already or is about to end. */
  #ask(): void {
    if (this.#asking !== undefined || (this.#isClosed && this.#waiting.length === 0)) return
    const asked = this.#needed
    const wanted = this.#block + asked - this.#held
    if (wanted <= 0n) return
    const { store, reached, failed } = this.#shared
    this.#asking = store.take(this.#bucket, this.#terms, wanted).then(
      granted => {
        reached()
        this.#held += granted
        this.#answered(granted < wanted ? 'dry' : undefined)
      },
      (error: unknown) => {
        failed(error)
        this.#answered('unknown')
      },
    )
  }

  /** Serves those who wait, in the order of their coming. With a reason to pause, those with whom it runs out hear it. */
  #answered(pause: Taken | undefined): void {
    this.#asking = undefined
    if (pause !== undefined) {
      this.#pauseUntilMs = this.#shared.nowMs() + this.#shared.retryMs
      this.#pausedFor = pause
    }
    const waiting = this.#waiting
    this.#waiting = []
    this.#needed = 0n
    for (const packet of waiting) {
      if (this.#held >= packet.tokens) {
        this.#held -= packet.tokens
        packet.resolve('taken')
      } else if (pause !== undefined) {
        packet.resolve(pause)
      } else {
        this.#waiting.push(packet)
        this.#needed += packet.tokens
      }
    }
    this.#trim()
    if (this.#waiting.length > 0) this.#ask()
  }
}

const blockOf = (perMinute: bigint, blockMs: bigint): bigint => {
  const block = (perMinute * blockMs) / MINUTE_MS
  return block > 0n ? block : 1n
}
