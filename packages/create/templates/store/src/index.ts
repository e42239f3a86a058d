/**
 * A store of balances, holds and settlements, for one process.
 *
 * @module
 */
export { type Backend, createMapBackend } from './backend.js'
export { createMyStore, type MyStore, type MyStoreDeps } from './my-store.js'
