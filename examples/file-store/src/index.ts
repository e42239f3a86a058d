/**
 * A durable store of one's own, small enough to be read in a quarter of an hour.
 *
 * @module
 */
export { createFileStore, type FileStoreDeps } from './file-store.js'
