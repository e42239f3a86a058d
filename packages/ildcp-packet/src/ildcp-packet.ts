import { OerError, Reader, Writer } from '@ilp/oer'
import { type Asset, Fulfill, isAddress, Prepare } from '@ilp/service-core'

/** Where requests go: to whoever is at the other end of the link. */
export const CONFIG_ADDRESS = 'peer.config'

/** What a parent tells its child. */
export interface Configuration {
  /** The child's ILP address. */
  readonly address: string
  /** What amounts between the two are counted in. */
  readonly asset: Asset
}

/** A configuration that is none of RFC 31. */
export class InvalidConfigurationError extends Error {
  override readonly name = 'InvalidConfigurationError'
  readonly code = 'ERR_INVALID_CONFIGURATION'
}

// Neighbours fulfill each other's protocol packets with zeros: there is no third party to prove anything to.
const PEER_FULFILLMENT = Buffer.alloc(32)
const PEER_CONDITION_HEX = '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925'
const PEER_CONDITION = Buffer.from(PEER_CONDITION_HEX, 'hex')
const NO_DATA = Buffer.alloc(0)

/** Whether the condition is the one of peer protocols: SHA-256 of 32 zero octets. */
export const isPeerCondition = (prepare: Prepare): boolean => prepare.conditionHex() === PEER_CONDITION_HEX

/** The question for one's configuration: a Prepare without money. */
export const configRequest = (expiresAt: Date): Prepare =>
  Prepare.create({
    units: 0n,
    expiresAt,
    executionCondition: PEER_CONDITION,
    destination: CONFIG_ADDRESS,
    data: NO_DATA,
  })

/**
 * The answer to a `configRequest`.
 * @throws InvalidConfigurationError when the address is no ILP address or the scale is not in 0..255
 */
export function configResponse({ address, asset }: Configuration): Fulfill {
  const { code, scale } = asset
  if (!isAddress(address)) throw new InvalidConfigurationError(`'${address}' is no ILP address`)
  if (!(Number.isInteger(scale) && scale >= 0 && scale <= 255)) {
    throw new InvalidConfigurationError(`the scale ${scale} is not in 0..255`)
  }
  const writer = new Writer().writeVarString(address).writeUInt8(scale).writeVarString(code)
  return Fulfill.create({ fulfillment: PEER_FULFILLMENT, data: writer.toBuffer() })
}

/**
 * Reads a response. Octets behind its last field are ignored (RFC 30, extensibility).
 * @throws InvalidConfigurationError for anything that no parent may send
 */
export function readConfiguration(response: Fulfill): Configuration {
  if (!PEER_FULFILLMENT.equals(response.fulfillment)) {
    throw new InvalidConfigurationError('the fulfillment is not that of a peer protocol')
  }
  try {
    const reader = new Reader(response.data)
    const address = reader.readVarOctets().toString('latin1')
    const scale = reader.readUInt8()
    const code = readText(reader.readVarOctets())
    if (!isAddress(address)) throw new InvalidConfigurationError('the address is no ILP address')
    return { address, asset: { code, scale } }
  } catch (error) {
    if (error instanceof OerError) throw new InvalidConfigurationError(error.message)
    throw error
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(octets: Uint8Array): string {
  try {
    return utf8.decode(octets)
  } catch {
    throw new InvalidConfigurationError('the asset code is not UTF-8')
  }
}
