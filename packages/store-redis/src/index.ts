/**
 * All store traits in Redis, for any number of processes that share one server or one cluster.
 *
 * @module
 */
export type { Connection, Server } from './nodes.js'
export {
  createRedisStore,
  REDIS_STORE_DEFAULTS,
  type RedisStoreDeps,
  type RedisStoreOptions,
} from './redis-store.js'
