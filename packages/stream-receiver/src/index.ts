/**
 * Receives STREAM payments (RFC 29): a layer that answers the packets of this node's receivers, and the credentials
 * with which senders pay them. No credentials are stored; receipts (RFC 39) for a third party can be had.
 *
 * @module
 */
export {
  type ConnectionTerms,
  type Credentials,
  type OpenedCredentials,
  type ReceiptSetup,
  SERVER_SECRET_LENGTH,
  type StreamCredentials,
  streamCredentials,
  TAG_LENGTH_MAX,
} from './credentials.js'
export {
  type MoneyReceived,
  type Receiver,
  STREAM_RECEIVER_DEFAULTS,
  type StreamReceiverDeps,
  type StreamReceiverOptions,
  streamReceiver,
} from './stream-receiver.js'
