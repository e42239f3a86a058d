import { Fulfill, Prepare } from '@ilp/service-core'

/** Where a peer is asked for its routes, or told that none are wanted. */
export const CONTROL_ADDRESS = 'peer.route.control'
/** Where routes are told. */
export const UPDATE_ADDRESS = 'peer.route.update'

/** What is no CCP request. Never caused by anything but the packet. */
export class InvalidCcpError extends Error {
  override readonly name = 'InvalidCcpError'
  readonly code = 'ERR_INVALID_CCP'
}

// Neighbours fulfill each other's protocol packets with zeros: there is no third party to prove anything to.
const PEER_FULFILLMENT = Buffer.alloc(32)
const PEER_CONDITION_HEX = '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925'
const PEER_CONDITION = Buffer.from(PEER_CONDITION_HEX, 'hex')
const RESPONSE = Fulfill.create({ fulfillment: PEER_FULFILLMENT, data: Buffer.alloc(0) })

/** The answer to a request that was taken. */
export const ccpResponse = (): Fulfill => RESPONSE

/** @throws InvalidPacketError for more than 32,767 octets of data */
export const ccpRequest = (destination: string, data: Uint8Array, expiresAt: Date): Prepare =>
  Prepare.create({ units: 0n, expiresAt, executionCondition: PEER_CONDITION, destination, data })

/** @throws InvalidCcpError for another destination or condition, and for money, which nobody would book */
export function expectRequest(prepare: Prepare, destination: string): void {
  if (prepare.destination !== destination) throw new InvalidCcpError(`not a packet to ${destination}`)
  if (prepare.conditionHex() !== PEER_CONDITION_HEX)
    throw new InvalidCcpError('not the condition of peer protocols')
  if (prepare.units !== 0n) throw new InvalidCcpError('routes are exchanged without money')
}
