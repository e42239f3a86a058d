import { type Asset, areApart, isAddress } from '@ilp/service-core'

/** What a connection takes before the other end has said anything: what npm's ilp-protocol-stream starts with. */
const MAX_DATA_ASSUMED = 65_534
/** Packets without an answer after which an address is given up. */
const TRIES_MAX = 5

/** What is known of the other end. */
export class Peer {
  /** Where packets to it go; undefined while it can't be sent any. */
  address: string | undefined
  /** Whether an answer has come from there that only the other end can have made (RFC 29 section 4.3.2). */
  isValidated = false
  asset: Asset | undefined
  /** Bytes that it takes on this connection in all. */
  maxData = MAX_DATA_ASSUMED
  #isTold = false
  /** The last address from which such an answer has come. */
  #validated: string | undefined
  /** The address that this end was given, and holds to until it knows another. */
  readonly #given: string | undefined
  #tries = 0

  constructor(address: string | undefined) {
    this.address = address
    this.#given = address
  }

  /** Whether there is no doubt about where it is. */
  get isReachable(): boolean {
    return this.address !== undefined && this.isValidated
  }

  /** It says that it is there; an empty address says that it can't receive. */
  hearAddress(address: string, ours: string): void {
    if (address === this.address || !isAddress(address) || areApart(address, ours)) return
    this.address = address
    this.isValidated = false
    this.#tries = 0
  }

  /** An answer that only the other end can have made came to a packet to this address. */
  onAnswer(address: string): void {
    if (address !== this.address) return
    this.isValidated = true
    this.#validated = address
    this.#tries = 0
  }

  /** A packet to this address, which is not validated, had no such answer. */
  onSilence(address: string): void {
    if (address !== this.address || this.isValidated) return
    this.#tries += 1
    if (this.#tries < TRIES_MAX) return
    this.#tries = 0
    this.address = this.#validated ?? this.#given
    this.isValidated = this.#validated !== undefined
  }

  /** False when it had other asset details before (RFC 29 section 4.3.3). */
  hearAsset(asset: Asset): boolean {
    this.asset ??= asset
    return this.asset.code === asset.code && this.asset.scale === asset.scale
  }

  /** Windows don't shrink. */
  hearMaxData(max: number): void {
    this.maxData = this.#isTold ? Math.max(this.maxData, max) : max
    this.#isTold = true
  }
}
