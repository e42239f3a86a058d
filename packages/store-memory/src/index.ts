/**
 * All store traits in memory: for tests, for demonstrations, and for nodes whose balances may end with the process.
 *
 * @module
 */
export { createMemoryBackend, type MemoryBackend, type MemoryBackendDeps } from './memory-backend.js'
export { createMemoryStore, type MemoryStoreDeps } from './memory-store.js'
