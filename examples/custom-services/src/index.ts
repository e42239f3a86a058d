/**
 * Services of one's own: an allow list, a log of slow packets, and a chain with both.
 *
 * @module
 */
export { type AllowListDeps, type AllowListStore, allowList } from './allow-list.js'
export { createFileLists, type FileLists, type FileListsDeps } from './file-lists.js'
export { createRelay, type Relay, type RelayAccount, type RelayDeps } from './relay.js'
export {
  SLOW_PACKETS_DEFAULTS,
  type SlowPacketsDeps,
  type SlowPacketsOptions,
  slowPackets,
} from './slow-packets.js'
