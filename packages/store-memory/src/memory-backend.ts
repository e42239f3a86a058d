import type { StoredAccount } from '@ilp/store-traits'
import { Accounts } from './accounts.js'
import { Address } from './address.js'
import { Books } from './books.js'
import { Credentials } from './credentials.js'
import { Routes } from './routes.js'

/** What stores of one process share: everything but their life cycle. It lives as long as somebody refers to it. */
export interface MemoryBackend<A extends StoredAccount = StoredAccount> {
  /** @internal */
  readonly accounts: Accounts<A>
  /** @internal */
  readonly credentials: Credentials
  /** @internal */
  readonly address: Address
  /** @internal */
  readonly routes: Routes
  /** @internal */
  readonly books: Books
}

export interface MemoryBackendDeps {
  /** The clock of session leases, in milliseconds from any beginning. Never goes back. */
  readonly nowMs?: () => number
}

/** An empty backend. */
export function createMemoryBackend<A extends StoredAccount = StoredAccount>({
  nowMs = () => performance.now(),
}: MemoryBackendDeps = {}): MemoryBackend<A> {
  const credentials = new Credentials()
  return {
    accounts: new Accounts(credentials),
    credentials,
    address: new Address(),
    routes: new Routes(),
    books: new Books(nowMs),
  }
}
