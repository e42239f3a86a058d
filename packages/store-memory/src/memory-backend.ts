import { AccountTable, Books, type StoredAccount, TokenBuckets, TokenTable } from '@ilp/store-traits'
import { Address } from './address.js'
import { Rates } from './rates.js'
import { Routes } from './routes.js'

/** What stores of one process share: everything but their life cycle. It lives as long as somebody refers to it. */
export interface MemoryBackend<A extends StoredAccount = StoredAccount> {
  /** @internal */
  readonly accounts: AccountTable<A>
  /** @internal */
  readonly tokens: TokenTable
  /** @internal */
  readonly address: Address
  /** @internal */
  readonly routes: Routes
  /** @internal */
  readonly rates: Rates
  /** @internal */
  readonly books: Books
  /** @internal */
  readonly buckets: TokenBuckets
}

export interface MemoryBackendDeps {
  /** The clock of leases, of rate limits, and of what is kept for a time, in milliseconds since 1970. Never goes back. */
  readonly nowMs?: () => number
}

/** An empty backend. */
export function createMemoryBackend<A extends StoredAccount = StoredAccount>({
  nowMs = () => performance.timeOrigin + performance.now(),
}: MemoryBackendDeps = {}): MemoryBackend<A> {
  return {
    accounts: new AccountTable(),
    tokens: new TokenTable(),
    address: new Address(),
    routes: new Routes(),
    rates: new Rates(),
    books: new Books({ nowMs }),
    buckets: new TokenBuckets(nowMs),
  }
}
