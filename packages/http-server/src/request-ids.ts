import { createHash } from 'node:crypto'
import type { AccountId } from '@ilp/service-core'

export interface RequestIdLimits {
  /** Packets of one account, to be answered by callback, whose answer is not delivered yet. */
  readonly callbacksMax: number
  /** Those of all accounts together. */
  readonly callbacksTotalMax: number
  /** Request-Ids of one account that are remembered. */
  readonly requestIdsMax: number
  /** Those of all accounts together. */
  readonly requestIdsTotalMax: number
  /** How long behind its packet's expiry a Request-Id is remembered. */
  readonly requestIdMarginMs: number
}

export type Admission =
  /** It was not there before, and is now. */
  | 'new'
  /** The same packet came under it before. */
  | 'repeated'
  /** Another packet came under it before. */
  | 'taken'
  /** The account has as many as it may have. */
  | 'account-full'
  /** All together have as many as they may have. */
  | 'full'

interface AccountIds {
  /** The packets' digests, by Request-Id. */
  readonly digests: Map<string, string>
  pending: number
}

interface Remembered {
  readonly account: AccountId
  readonly id: string
}

const SECOND_MS = 1_000
const secondOf = (ms: number): number => Math.floor(ms / SECOND_MS)

/** What came under the Request-Ids of each account (RFC 35), so that no packet is taken twice. */
export class RequestIds {
  readonly #limits: RequestIdLimits
  readonly #accounts = new Map<AccountId, AccountIds>()
  /** What is forgotten at the end of each second. */
  readonly #bySecond = new Map<number, Remembered[]>()
  #size = 0
  #pending = 0
  #sweptSecond = 0

  constructor(limits: RequestIdLimits) {
    this.#limits = limits
  }

  /**
   * Remembers a new Request-Id until `requestIdMarginMs` behind the packet's expiry, or up to a second longer. It is
   * pending until it is said to be `over`.
   */
  admit(account: AccountId, requestId: string, packet: Buffer, expiresAtMs: number): Admission {
    const now = Date.now()
    this.#sweep(secondOf(now))
    // UUIDs are the same in upper and lower case (RFC 9562).
    const id = requestId.toLowerCase()
    const digest = createHash('sha256').update(packet).digest('base64')
    const ids = this.#accounts.get(account) ?? { digests: new Map<string, string>(), pending: 0 }
    const earlier = ids.digests.get(id)
    if (earlier !== undefined) return earlier === digest ? 'repeated' : 'taken'
    const { callbacksMax, callbacksTotalMax, requestIdsMax, requestIdsTotalMax } = this.#limits
    if (ids.digests.size >= requestIdsMax || ids.pending >= callbacksMax) return 'account-full'
    if (this.#size >= requestIdsTotalMax || this.#pending >= callbacksTotalMax) return 'full'

    this.#accounts.set(account, ids)
    ids.digests.set(id, digest)
    ids.pending += 1
    this.#size += 1
    this.#pending += 1
    const second = secondOf(Math.max(expiresAtMs, now) + this.#limits.requestIdMarginMs)
    const due = this.#bySecond.get(second)
    if (due) due.push({ account, id })
    else this.#bySecond.set(second, [{ account, id }])
    return 'new'
  }

  /** The answer to one of the account's packets is delivered, or given up. */
  over(account: AccountId): void {
    const ids = this.#accounts.get(account)
    if (!ids) return
    ids.pending -= 1
    this.#pending -= 1
    this.#drop(account, ids)
  }

  #sweep(now: number): void {
    if (now === this.#sweptSecond) return
    this.#sweptSecond = now
    for (const [second, due] of this.#bySecond) {
      if (second >= now) continue
      this.#bySecond.delete(second)
      for (const { account, id } of due) {
        const ids = this.#accounts.get(account)
        if (!ids) continue
        ids.digests.delete(id)
        this.#size -= 1
        this.#drop(account, ids)
      }
    }
  }

  #drop(account: AccountId, { digests, pending }: AccountIds): void {
    if (digests.size === 0 && pending === 0) this.#accounts.delete(account)
  }
}
