/**
 * The contract that every part shares: a `Service` takes a request and answers it with a Fulfill or a Reject.
 * Here are its types, the packets (views over bytes), the stack that chains services, and what all of them need.
 *
 * @module
 */
export { type Account, type AccountId, type Asset, accountId, isAccountId, type Relation } from './account.js'
export {
  ADDRESS_LENGTH_MAX,
  areApart,
  hasPrefix,
  isAddress,
  isAddressPrefix,
  type Network,
  network,
  scheme,
} from './address.js'
export { type Deadline, Deadlines, type Waiting } from './deadlines.js'
export { type ErrorBoundaryDeps, errorBoundary } from './error-boundary.js'
export { type Disposable, type Lifecycle, lifecycle, sequence } from './lifecycle.js'
export { type Logger, silentLogger } from './logger.js'
export { DATA_LENGTH_MAX, InvalidPacketError, PACKET_LENGTH_MAX } from './packet/envelope.js'
export { Fulfill, type FulfillFields } from './packet/fulfill.js'
export { Prepare, type PrepareFields } from './packet/prepare.js'
export { MESSAGE_LENGTH_MAX, Reject, type RejectFields } from './packet/reject.js'
export { decodeReply, isFulfill, type Reply } from './packet/reply.js'
export {
  readTimestamp,
  TIMESTAMP_LENGTH,
  TIMESTAMP_MAX_MS,
  TIMESTAMP_MIN_MS,
  writeTimestamp,
} from './packet/timestamp.js'
export type { PacketWatcher } from './packet-watcher.js'
export * from './rejects.js'
export type { IncomingRequest, Middleware, OutgoingRequest, Pass, Service } from './service.js'
export { type Chain, type Stack, stack } from './stack.js'
