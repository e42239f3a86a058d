/**
 * STREAM as bytes (RFC 29): packets and their frames, encryption and conditions under the keys of a connection, and
 * receipts (RFC 39).
 *
 * @module
 */
export * from './frame.js'
export {
  conditionOf,
  ENCRYPTION_OVERHEAD,
  PACKETS_MAX,
  STREAM_PACKET_LENGTH_MAX,
  StreamKeys,
} from './keys.js'
export {
  decodeStreamPacket,
  encodeStreamPacket,
  IlpPacketType,
  InvalidStreamPacketError,
  type ReceivedStreamPacket,
  type StreamPacket,
} from './packet.js'
export {
  createReceipt,
  decodeReceipt,
  RECEIPT_LENGTH,
  RECEIPT_NONCE_LENGTH,
  RECEIPT_SECRET_LENGTH,
  RECEIPT_STREAM_ID_MAX,
  type Receipt,
  type ReceiptFields,
  verifyReceipt,
} from './receipt.js'
