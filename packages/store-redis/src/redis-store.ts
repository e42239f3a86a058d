import { type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import { createMirror, type Secrets, type Store, type StoredAccount } from '@ilp/store-traits'
import { redisAdjustments } from './adjustments.js'
import { Backend } from './backend.js'
import { Client } from './client.js'
import { Directory } from './directory.js'
import { keys as keysOf } from './keys.js'
import { redisLedger } from './ledger.js'
import { type Connection, Nodes } from './nodes.js'
import { redisRateLimits } from './rate-limits.js'
import { redisSettlements } from './settlements.js'

export interface RedisStoreDeps {
  /**
   * Where the server is: a URL (`redis://`, `rediss://`), or options of ioredis. For a cluster several of its nodes, or
   * one that leads to the others.
   */
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
  const nodes = new Nodes(connection, keys.schema, timeoutMs)
  const client = new Client(nodes, timeoutMs)
  const subscriber = new Client(nodes, timeoutMs)
  const directory = new Directory({ client, subscriber, keys })
  const mirror = createMirror<A>({ backend: directory, secrets, logger }, { timeoutMs })
  const backend = new Backend({ client, directory, mirror, logger })
  const { accounts, credentials, address, routes, rates } = mirror
  return {
    ...lifecycle(backend),
    properties: () => ({ loses: directory.loses, shared: true }),
    accounts,
    credentials,
    address,
    routes,
    rates,
    ledger: redisLedger(backend, keys),
    settlements: redisSettlements(backend, keys),
    adjustments: redisAdjustments(backend, keys),
    rateLimits: redisRateLimits(backend, keys),
  }
}
