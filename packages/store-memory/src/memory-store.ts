import { type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import { moneyTraits, rateLimitTrait, type Secrets, type Store, type StoredAccount } from '@ilp/store-traits'
import { memoryAccounts } from './accounts.js'
import { memoryAddress } from './address.js'
import { memoryCredentials } from './credentials.js'
import { Handle } from './handle.js'
import { createMemoryBackend, type MemoryBackend } from './memory-backend.js'
import { memoryRates } from './rates.js'
import { memoryRoutes } from './routes.js'

export interface MemoryStoreDeps<A extends StoredAccount = StoredAccount> {
  readonly secrets: Secrets
  /** Shared with other stores of this process; one of its own unless given. */
  readonly backend?: MemoryBackend<A>
  /** Hears of listeners that throw. */
  readonly logger?: Logger
}

/** A store with every trait, whose contents end with the process. */
export function createMemoryStore<A extends StoredAccount = StoredAccount>({
  secrets,
  backend = createMemoryBackend(),
  logger = silentLogger,
}: MemoryStoreDeps<A>): Store<A> {
  const handle = new Handle(logger)
  return {
    ...lifecycle(handle),
    properties: () => ({ loses: 'everything, as soon as the process ends', shared: false }),
    accounts: memoryAccounts(handle, backend.accounts, backend.tokens),
    credentials: memoryCredentials(handle, backend.tokens, secrets),
    address: memoryAddress(handle, backend.address),
    routes: memoryRoutes(handle, backend.routes),
    rates: memoryRates(handle, backend.rates),
    rateLimits: rateLimitTrait(backend.buckets, () => handle.check()),
    ...moneyTraits(backend.books, async act => {
      handle.check()
      return act()
    }),
  }
}
