import { OerError, Reader, Writer } from '@ilp/oer'
import { isAddress, Prepare, type PrepareFields } from '@ilp/service-core'

/** Data of the echo protocol that is not what it should be. */
export class InvalidEchoError extends Error {
  override readonly name = 'InvalidEchoError'
  readonly code = 'ERR_INVALID_ECHO'
}

export type Echo =
  /** Asks for a response to `source`. */
  { readonly type: 'request'; readonly source: string } | { readonly type: 'response' }

const PREFIX = Buffer.from('ECHOECHOECHOECHO', 'latin1')
const REQUEST = 0
const RESPONSE = 1

const RESPONSE_DATA = Buffer.concat([PREFIX, Buffer.of(RESPONSE)])

export interface EchoRequestFields extends Omit<PrepareFields, 'data'> {
  /** The ILP address that the response is to go to. */
  readonly source: string
}

/**
 * A packet that its receiver sends on to `source`. Whoever gets it there fulfills it, and with it this one.
 * @throws InvalidEchoError when `source` is no ILP address
 * @throws InvalidPacketError when another field is out of its range
 */
export function echoRequest({ source, ...fields }: EchoRequestFields): Prepare {
  if (!isAddress(source)) throw new InvalidEchoError('source is not an ILP address')
  const data = new Writer(PREFIX.length + 3 + source.length)
    .writeOctets(PREFIX)
    .writeUInt8(REQUEST)
    .writeVarOctets(Buffer.from(source, 'latin1'))
    .toBuffer()
  return Prepare.create({ ...fields, data })
}

/** The packet that answers a request from `source`, with its amount, expiry and condition. */
export const echoResponse = (request: Prepare, source: string): Prepare =>
  Prepare.create({
    units: request.units,
    expiresAt: request.expiresAt,
    executionCondition: request.executionCondition,
    destination: source,
    data: RESPONSE_DATA,
  })

/**
 * What the packet is in the echo protocol; undefined when its data is none of it. Octets behind the last field are
 * allowed.
 * @throws InvalidEchoError for another type, or a source that is no ILP address
 */
export function readEcho({ data }: Prepare): Echo | undefined {
  if (!data.subarray(0, PREFIX.length).equals(PREFIX)) return undefined
  try {
    const reader = new Reader(data.subarray(PREFIX.length))
    const type = reader.readUInt8()
    if (type === RESPONSE) return { type: 'response' }
    if (type !== REQUEST) throw new InvalidEchoError(`an echo of type ${type}`)
    const source = reader.readVarOctets().toString('latin1')
    if (!isAddress(source)) throw new InvalidEchoError('the source of an echo request is no ILP address')
    return { type: 'request', source }
  } catch (error) {
    if (error instanceof OerError) throw new InvalidEchoError(error.message)
    throw error
  }
}
