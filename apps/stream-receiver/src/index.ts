/**
 * A standalone STREAM receiver: HTTP server, STREAM receiver, nothing else.
 *
 * @module
 */
export { createReceiver, type Receiver, type ReceiverDeps, type ReceiverOptions } from './receiver.js'
