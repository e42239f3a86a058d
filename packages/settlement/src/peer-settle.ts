import { Fulfill, Prepare } from '@ilp/service-core'

/** Where messages between engines go: to the engine at the other end of the link (RFC 38). */
export const SETTLE_ADDRESS = 'peer.settle'

const FULFILLMENT = Buffer.alloc(32)
/** SHA-256 of the fulfillment, which is what deployed nodes send. */
const CONDITION_HEX = '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925'
/** What RFC 38 has in its place: SHA-256 of nothing. */
const PRINTED_CONDITION_HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const CONDITION = Buffer.from(CONDITION_HEX, 'hex')

/** Whether the condition is one of those that messages are sent under: the deployed one, or the RFC's. */
export function isMessageCondition(prepare: Prepare): boolean {
  const condition = prepare.conditionHex()
  return condition === CONDITION_HEX || condition === PRINTED_CONDITION_HEX
}

/** @throws InvalidPacketError when the message has more than 32,767 octets */
export const messagePrepare = (message: Uint8Array, expiresAt: Date): Prepare =>
  Prepare.create({
    units: 0n,
    expiresAt,
    executionCondition: CONDITION,
    destination: SETTLE_ADDRESS,
    data: message,
  })

/** @throws InvalidPacketError when the reply has more than 32,767 octets */
export const messageFulfill = (reply: Uint8Array): Fulfill =>
  Fulfill.create({ fulfillment: FULFILLMENT, data: reply })
