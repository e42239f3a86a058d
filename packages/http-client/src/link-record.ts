import type { AccountId } from '@ilp/service-core'

/** The way to the peer of one account, as it is now. */
export interface HttpLinkStats {
  readonly account: AccountId
  /** Packets under way; requests whose packets have their answer already count as long as they last. */
  readonly inFlight: number
  /** When the peer last answered as one that takes packets: 200 or 202, or a callback. Milliseconds since 1970. */
  readonly lastSuccessAtMs: number | undefined
  /** When it last refused, failed, or didn't answer in time. */
  readonly lastFailureAtMs: number | undefined
  /** When it first did since its last success; undefined where it never has. */
  readonly failingSinceMs: number | undefined
  /** What the last failure was: a status, or the code of an error. Nothing that the peer chose. */
  readonly lastFailure: string | undefined
}

/** What a link's exchanges came to. It outlives the link, which closes when nobody uses it. */
export class LinkRecord {
  lastSuccessAtMs: number | undefined
  lastFailureAtMs: number | undefined
  failingSinceMs: number | undefined
  lastFailure: string | undefined

  success(): void {
    this.lastSuccessAtMs = Date.now()
    this.failingSinceMs = undefined
  }

  failure(reason: string): void {
    this.lastFailureAtMs = Date.now()
    this.failingSinceMs ??= this.lastFailureAtMs
    this.lastFailure = reason
  }
}

/** Accounts that are remembered. */
const RECORDS_MAX = 10_000

/** The records of all accounts that packets were posted to, those used last at the end. */
export class LinkRecords {
  readonly #records = new Map<AccountId, LinkRecord>()

  of(account: AccountId): LinkRecord {
    const record = this.#records.get(account) ?? new LinkRecord()
    this.#records.delete(account)
    this.#records.set(account, record)
    if (this.#records.size > RECORDS_MAX) {
      for (const oldest of this.#records.keys()) {
        this.#records.delete(oldest)
        break
      }
    }
    return record
  }

  [Symbol.iterator](): Iterator<[AccountId, LinkRecord]> {
    return this.#records[Symbol.iterator]()
  }
}
