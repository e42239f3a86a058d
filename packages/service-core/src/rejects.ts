import { Writer } from '@ilp/oer'
import { IlpError } from 'ilp-packet'
import { MESSAGE_LENGTH_MAX, Reject } from './packet/reject.js'

const NO_DATA: Uint8Array = new Uint8Array(0)

/** `text` cut to what a reject's message can hold, at a character's boundary. */
function fitting(text: string): string {
  if (text.length * 3 <= MESSAGE_LENGTH_MAX) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MESSAGE_LENGTH_MAX))
  return text.slice(0, read)
}

/**
 * A reject of this node's own. A message that is too long is cut.
 * @param triggeredBy this node's ILP address; empty while it has none
 * @throws InvalidPacketError for another code, a wrong address, or data above 32,767 octets
 */
export const reject = (code: string, triggeredBy: string, message: string, data = NO_DATA): Reject =>
  Reject.create({ code, triggeredBy, message: fitting(message), data })

type Builder = (triggeredBy: string, message: string, data?: Uint8Array) => Reject

const builder =
  (code: IlpError): Builder =>
  (triggeredBy, message, data) =>
    reject(code, triggeredBy, message, data)

// Final errors: the sender should not send the packet again.

/** F00: the packet breaks a rule that no other code names. */
export const badRequest = builder(IlpError.F00_BAD_REQUEST)
/** F01: the bytes are no ILP packet. */
export const invalidPacket = builder(IlpError.F01_INVALID_PACKET)
/** F02: there is no way to the destination. */
export const unreachable = builder(IlpError.F02_UNREACHABLE)
/** F03: the amount has digits that the next ledger can't tell, or is none. */
export const invalidAmount = builder(IlpError.F03_INVALID_AMOUNT)
/** F04: the receiver gets less than the sender promised. */
export const insufficientDestinationAmount = builder(IlpError.F04_INSUFFICIENT_DESTINATION_AMOUNT)
/** F05: the fulfillment is not the one that the condition asks for. */
export const wrongCondition = builder(IlpError.F05_WRONG_CONDITION)
/** F06: the receiver doesn't understand the packet. */
export const unexpectedPayment = builder(IlpError.F06_UNEXPECTED_PAYMENT)
/** F07: the receiver can't take the money. */
export const cannotReceive = builder(IlpError.F07_CANNOT_RECEIVE)
/** F99: the receiving application says no; `data` is its own. */
export const applicationError = builder(IlpError.F99_APPLICATION_ERROR)

/**
 * F08: the amount is above what this node takes. Both figures are in the unit of the account that the packet came
 * from; a packet of exactly `maximum` would pass.
 * @throws RangeError when one is not in 0..2^64-1
 */
export function amountTooLarge(
  triggeredBy: string,
  message: string,
  received: bigint,
  maximum: bigint,
): Reject {
  const data = new Writer(16).writeUInt64(received).writeUInt64(maximum).toBuffer()
  return reject(IlpError.F08_AMOUNT_TOO_LARGE, triggeredBy, message, data)
}

// Temporary errors: the same packet may pass a little later.

/** T00: a fault inside this node, or inside the next one. */
export const internalError = builder(IlpError.T00_INTERNAL_ERROR)
/** T01: the link to the next hop is down. */
export const peerUnreachable = builder(IlpError.T01_PEER_UNREACHABLE)
/** T02: the next hop takes no more for now. */
export const peerBusy = builder(IlpError.T02_PEER_BUSY)
/** T03: this node takes no more for now. */
export const connectorBusy = builder(IlpError.T03_CONNECTOR_BUSY)
/** T04: a balance or a bandwidth is used up (RFC 32). */
export const insufficientLiquidity = builder(IlpError.T04_INSUFFICIENT_LIQUIDITY)
/** T05: too many packets. */
export const rateLimited = builder(IlpError.T05_RATE_LIMITED)
/** T99: the receiving application says not now; `data` is its own. */
export const temporaryApplicationError = builder(IlpError.T99_APPLICATION_ERROR)

// Relative errors: another amount or expiry may pass.

/** R00: the packet was not answered in time. */
export const transferTimedOut = builder(IlpError.R00_TRANSFER_TIMED_OUT)
/** R01: nothing is left of the amount after the exchange. */
export const insufficientSourceAmount = builder(IlpError.R01_INSUFFICIENT_SOURCE_AMOUNT)
/** R02: too little time is left to forward the packet. */
export const insufficientTimeout = builder(IlpError.R02_INSUFFICIENT_TIMEOUT)
/** R99: the receiving application asks for another amount or expiry; `data` is its own. */
export const relativeApplicationError = builder(IlpError.R99_APPLICATION_ERROR)
