import { type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import type { Secrets, Store, StoredAccount } from '@ilp/store-traits'
import { Accounts, redisAccounts } from './accounts.js'
import { Address, redisAddress } from './address.js'
import { Backend } from './backend.js'
import type { Connection } from './client.js'
import { Credentials, redisCredentials } from './credentials.js'
import { keys as keysOf } from './keys.js'
import { redisLedger } from './ledger.js'
import { Routes, redisRoutes } from './routes.js'

export interface RedisStoreDeps {
  /** Where the server is: a URL (`redis://`, `rediss://`), or options of ioredis. */
  readonly connection: Connection
  readonly secrets: Secrets
  /** Hears of what the server can lose, of lost connections, and of listeners that throw. */
  readonly logger?: Logger
}

export interface RedisStoreOptions {
  /** What all keys begin with, in braces: stores with the same one share what they hold. */
  readonly prefix: string
  /** How long the server may take to answer, or to be connected to. */
  readonly timeoutMs: number
}

export const REDIS_STORE_DEFAULTS: RedisStoreOptions = { prefix: 'ilp', timeoutMs: 2_000 }

/**
 * A store with every trait, in Redis 6 or later. Its start fails with ERR_STORE_UNAVAILABLE when the server can't be
 * reached, with ERR_STORE_UNSAFE when it may throw balances away, with ERR_STORE_TOO_NEW when a newer program has been
 * there.
 */
export function createRedisStore<A extends StoredAccount = StoredAccount>(
  { connection, secrets, logger = silentLogger }: RedisStoreDeps,
  options: Partial<RedisStoreOptions> = {},
): Store<A> {
  const { prefix, timeoutMs } = { ...REDIS_STORE_DEFAULTS, ...options }
  if (!(timeoutMs > 0)) throw new RangeError('timeoutMs is more than 0')
  const keys = keysOf(prefix)
  const credentials = new Credentials(keys)
  const accounts = new Accounts<A>(keys, credentials)
  const address = new Address(keys)
  const routes = new Routes(keys)
  // Accounts come last of those who read everything again: who hears of one finds its tokens and routes in force.
  const parts = { credentials, address, routes, accounts }
  const backend = new Backend({ connection, keys, parts, timeoutMs, logger })
  return {
    ...lifecycle(backend),
    properties: () => ({ loses: backend.loses, shared: true }),
    accounts: redisAccounts(backend, keys, accounts),
    credentials: redisCredentials(backend, keys, credentials, secrets),
    address: redisAddress(backend, keys, address),
    routes: redisRoutes(backend, keys, routes),
    ledger: redisLedger(backend, keys),
  }
}
