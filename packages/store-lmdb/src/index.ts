/**
 * All store traits in a folder on disk, by LMDB: what was acknowledged outlives the process, the system and the power,
 * with no server to run.
 *
 * @module
 */
export {
  createLmdbStore,
  LMDB_STORE_DEFAULTS,
  type LmdbStoreDeps,
  type LmdbStoreOptions,
} from './lmdb-store.js'
