/**
 * All store traits in Redis, for any number of processes that share one server.
 *
 * @module
 */
export type { Connection } from './client.js'
export {
  createRedisStore,
  REDIS_STORE_DEFAULTS,
  type RedisStoreDeps,
  type RedisStoreOptions,
} from './redis-store.js'
