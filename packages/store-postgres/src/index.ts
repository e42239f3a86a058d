/**
 * All store traits in Postgres, durable, for any number of processes that share one server.
 *
 * @module
 */
export type { Connection } from './client.js'
export {
  createPostgresStore,
  POSTGRES_STORE_DEFAULTS,
  type PostgresStoreDeps,
  type PostgresStoreOptions,
} from './postgres-store.js'
