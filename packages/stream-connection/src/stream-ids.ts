/** The largest id before the other end has said anything (RFC 29 section 3.3). */
const MAX_ID_ASSUMED = 20

/** What a stream id stands for. */
export type IdState = 'known' | 'new' | 'closed' | 'wrongParity' | 'tooLarge'

/**
 * The ids of a connection's streams: the client's are odd, the server's even. Remembers which streams have been, in
 * memory that doesn't grow with their number.
 */
export class StreamIds {
  /** The largest id that the other end takes. */
  peerMax = MAX_ID_ASSUMED
  readonly #ourParity: number
  readonly #peerOpenMax: number
  #next: number
  /** The largest id that the other end has used. */
  #peerLast: number
  /** Ids below that one that it has left out: no more than it may have open at a time. */
  readonly #leftOut = new Set<number>()
  #peerDone = 0
  #isTold = false

  /** @param peerOpenMax streams that the other end may have open at a time */
  constructor(isServer: boolean, peerOpenMax: number) {
    this.#ourParity = isServer ? 0 : 1
    this.#next = isServer ? 2 : 1
    this.#peerLast = isServer ? -1 : 0
    this.#peerOpenMax = peerOpenMax
  }

  /** The largest id that the other end may use: each stream of its that is over makes room for another. */
  get max(): number {
    return 2 * (this.#peerOpenMax + this.#peerDone)
  }

  /** The id that a new stream of ours would have. */
  get next(): number {
    return this.#next
  }

  /** Whether the other end takes another stream of ours. */
  get mayOpen(): boolean {
    return this.#next <= this.peerMax
  }

  isOurs(id: number): boolean {
    return id % 2 === this.#ourParity
  }

  /** Limits don't fall. */
  hearMax(max: number): void {
    this.peerMax = this.#isTold ? Math.max(this.peerMax, max) : max
    this.#isTold = true
  }

  open(): number {
    const id = this.#next
    this.#next += 2
    return id
  }

  /**
   * @param isKnown whether there is a stream of this id
   */
  stateOf(id: bigint, isKnown: boolean): IdState {
    if (isKnown) return 'known'
    if (id === 0n) return 'wrongParity'
    if (Number(id % 2n) === this.#ourParity) return id < BigInt(this.#next) ? 'closed' : 'wrongParity'
    if (id > BigInt(this.max)) return 'tooLarge'
    const small = Number(id)
    return small > this.#peerLast || this.#leftOut.has(small) ? 'new' : 'closed'
  }

  /** The other end has opened a stream under a new id. */
  openPeers(id: number): void {
    if (this.#leftOut.delete(id)) return
    for (let between = this.#peerLast + 2; between < id; between += 2) {
      if (between > 0) this.#leftOut.add(between)
    }
    this.#peerLast = id
  }

  /** A stream is over, and nothing of it is left here. True when that makes room. */
  done(id: number): boolean {
    if (this.isOurs(id)) return false
    this.#peerDone += 1
    return true
  }
}
