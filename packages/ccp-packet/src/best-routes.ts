import { type Candidate, compareCandidates } from './candidate.js'

/** The chosen way to a prefix. */
export interface BestRoute extends Candidate {
  /** Since when it is the chosen one, in milliseconds since 1970. */
  readonly sinceMs: number
}

interface Offer {
  readonly source: string
  readonly candidate: Candidate
}

/** All known ways to all prefixes, and the best of each. Sources have one candidate for a prefix at a time. */
export class BestRoutes {
  readonly #offers = new Map<string, Offer[]>()
  readonly #best = new Map<string, BestRoute>()

  get(prefix: string): BestRoute | undefined {
    return this.#best.get(prefix)
  }

  /** All chosen routes, in no order. */
  all(): Iterable<BestRoute> {
    return this.#best.values()
  }

  /** All prefixes that have a route, in no order. */
  prefixes(): Iterable<string> {
    return this.#best.keys()
  }

  /** Sets the candidate that a source has for a prefix; undefined for none. Returns whether another one is the best now. */
  put(source: string, prefix: string, candidate: Candidate | undefined): boolean {
    const offers = this.#offers.get(prefix) ?? []
    const others = offers.filter(offer => offer.source !== source)
    if (candidate) others.push({ source, candidate })
    others.sort((one, other) => compareCandidates(one.candidate, other.candidate))
    const [best] = others
    if (!best) {
      this.#offers.delete(prefix)
      return this.#best.delete(prefix)
    }
    this.#offers.set(prefix, others)
    if (best.candidate === offers[0]?.candidate) return false
    this.#best.set(prefix, { ...best.candidate, sinceMs: Date.now() })
    return true
  }
}
