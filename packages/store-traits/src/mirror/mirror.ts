import type { Lifecycle, Logger } from '@ilp/service-core'
import type { StoredAccount } from '../accounts.js'
import type { Secrets } from '../secrets.js'
import type { Store } from '../store.js'
import { Subscriptions } from '../subscriptions.js'
import { Accounts, mirroredAccounts } from './accounts.js'
import { Address, mirroredAddress } from './address.js'
import type { MirrorBackend } from './backend.js'
import { Copy } from './copy.js'
import { Credentials, mirroredCredentials } from './credentials.js'
import { mirroredRates, Rates } from './rates.js'
import { mirroredRoutes, Routes } from './routes.js'

export interface MirrorDeps {
  readonly backend: MirrorBackend
  readonly secrets: Secrets
  /** Hears of lost connections, of what can't be read, and of listeners that throw. */
  readonly logger: Logger
}

export interface MirrorOptions {
  /** How long a change may take to come back from the backend once it is made. */
  readonly timeoutMs: number
}

/**
 * The traits of a shared store whose reads are synchronous. What they hold in memory is what the backend has: each
 * change resolves when it is in force here, and after a lost connection, or where a change was missed, everything is
 * read again and the differences are announced. Meanwhile reads give what was known last, and changes are refused.
 */
export interface Mirror<A extends StoredAccount = StoredAccount>
  extends Lifecycle,
    Pick<Store<A>, 'accounts' | 'credentials' | 'address' | 'routes' | 'rates'> {
  /** @throws StoreError ERR_STORE_CLOSED */
  readonly check: () => void
  /**
   * What a ledger asks before it moves money.
   * @throws StoreError ERR_STORE_CLOSED; ERR_STORE_UNAVAILABLE when what is held may be out of date
   */
  readonly checkFresh: () => void
}

/** Its `start` connects and reads everything; its `stop` leaves the backend's connections to whoever made them. */
export function createMirror<A extends StoredAccount = StoredAccount>(
  { backend, secrets, logger }: MirrorDeps,
  { timeoutMs }: MirrorOptions,
): Mirror<A> {
  const credentials = new Credentials()
  const accounts = new Accounts<A>(credentials)
  const [address, routes, rates] = [new Address(), new Routes(), new Rates()]
  // Accounts come last of those who read everything again: who hears of one finds its tokens and routes in force.
  const parts = { credentials, address, routes, rates, accounts }
  const copy = new Copy({ backend, parts, timeoutMs, logger })
  const subscriptions = new Subscriptions({ logger, check: copy.check })
  return {
    start: () => copy.start(),
    stop: async () => {
      copy.stop()
      subscriptions.endAll()
    },
    check: copy.check,
    checkFresh: copy.checkFresh,
    accounts: mirroredAccounts(accounts, copy, backend, subscriptions),
    credentials: mirroredCredentials(credentials, secrets, copy, backend, subscriptions),
    address: mirroredAddress(address, copy, backend, subscriptions),
    routes: mirroredRoutes(routes, copy, backend, subscriptions),
    rates: mirroredRates(rates, copy, backend, subscriptions),
  }
}
