import { createHmac, timingSafeEqual } from 'node:crypto'
import { readUInt64, UINT64_MAX, writeUInt64 } from '@ilp/oer'

const VERSION = 1
const NONCE_AT = 1
const STREAM_ID_AT = 17
const TOTAL_AT = 18
const HMAC_AT = 26

/** Octets of a receipt. */
export const RECEIPT_LENGTH = 58
/** Octets of the nonce that names a connection in receipts. */
export const RECEIPT_NONCE_LENGTH = 16
/** Octets of the secret that the receiver shares with the verifier. */
export const RECEIPT_SECRET_LENGTH = 32
/** The largest stream id that a receipt can name. */
export const RECEIPT_STREAM_ID_MAX = 255

/** What a receipt says (RFC 39): the connection that `nonce` stands for has received this much on this stream. */
export interface Receipt {
  readonly nonce: Buffer
  /** 0..255 */
  readonly streamId: number
  /** 0..2^64-1, in the receiver's unit. */
  readonly totalReceived: bigint
}

export interface ReceiptFields {
  /** 16 octets. */
  readonly nonce: Uint8Array
  /** 32 octets. Never for the sender to know. */
  readonly secret: Uint8Array
  readonly streamId: number
  readonly totalReceived: bigint
}

const hmac = (secret: Uint8Array, fields: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(fields).digest()

/**
 * A receipt of 58 octets.
 * @throws RangeError when a field is out of its range
 */
export function createReceipt({ nonce, secret, streamId, totalReceived }: ReceiptFields): Buffer {
  if (nonce.length !== RECEIPT_NONCE_LENGTH) throw new RangeError('receipt nonce has not 16 octets')
  if (secret.length !== RECEIPT_SECRET_LENGTH) throw new RangeError('receipt secret has not 32 octets')
  if (totalReceived < 0n || totalReceived > UINT64_MAX) throw new RangeError('total received is no UInt64')
  const receipt = Buffer.allocUnsafe(RECEIPT_LENGTH)
  receipt[0] = VERSION
  receipt.set(nonce, NONCE_AT)
  receipt.writeUInt8(streamId, STREAM_ID_AT)
  writeUInt64(receipt, TOTAL_AT, totalReceived)
  receipt.set(hmac(secret, receipt.subarray(0, HMAC_AT)), HMAC_AT)
  return receipt
}

/**
 * What the receipt claims, true or not: enough to find the secret by its nonce. Undefined for anything but a receipt
 * of version 1.
 */
export function decodeReceipt(receipt: Uint8Array): Receipt | undefined {
  if (receipt.length !== RECEIPT_LENGTH || receipt[0] !== VERSION) return undefined
  return {
    nonce: Buffer.from(receipt.subarray(NONCE_AT, STREAM_ID_AT)),
    streamId: receipt[STREAM_ID_AT] as number,
    totalReceived: readUInt64(receipt, TOTAL_AT),
  }
}

/**
 * What the receipt says; undefined unless it was made with this secret. The verifier credits the sender only with
 * what `totalReceived` is above the largest total that it has seen for this nonce and stream.
 */
export function verifyReceipt(receipt: Uint8Array, secret: Uint8Array): Receipt | undefined {
  const decoded = decodeReceipt(receipt)
  if (!decoded) return undefined
  const expected = hmac(secret, receipt.subarray(0, HMAC_AT))
  return timingSafeEqual(receipt.subarray(HMAC_AT), expected) ? decoded : undefined
}
