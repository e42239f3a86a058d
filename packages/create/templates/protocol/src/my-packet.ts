import { OerError, Reader, Writer } from '@ilp/oer'

/** Bytes that are no MyPacket, or fields that don't fit into one. */
export class InvalidMyPacketError extends Error {
  override readonly name = 'InvalidMyPacketError'
  readonly code = 'ERR_INVALID_MY_PACKET'
}

export interface MyPacket {
  /** 0 to 255. */
  readonly type: number
  /** Up to TEXT_LENGTH_MAX octets of UTF-8. */
  readonly text: string
}

/** How many octets a text may have. */
export const TEXT_LENGTH_MAX = 1_023

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws InvalidMyPacketError when a field is out of its range */
export function encodeMyPacket({ type, text }: MyPacket): Buffer {
  const octets = Buffer.from(text, 'utf8')
  if (!(Number.isInteger(type) && type >= 0 && type <= 255)) {
    throw new InvalidMyPacketError(`the type ${type} is none of 0 to 255`)
  }
  if (octets.length > TEXT_LENGTH_MAX) {
    throw new InvalidMyPacketError(`the text has ${octets.length} octets, above ${TEXT_LENGTH_MAX}`)
  }
  return new Writer(octets.length + 4).writeUInt8(type).writeVarOctets(octets).toBuffer()
}

/**
 * Octets behind the last field are ignored.
 * @throws InvalidMyPacketError when the bytes end too early, or a field is out of its range
 */
export function decodeMyPacket(bytes: Buffer): MyPacket {
  try {
    const reader = new Reader(bytes)
    const type = reader.readUInt8()
    const octets = reader.readVarOctets()
    if (octets.length > TEXT_LENGTH_MAX) throw new InvalidMyPacketError('the text is too long')
    return { type, text: utf8.decode(octets) }
  } catch (error) {
    if (error instanceof OerError || error instanceof TypeError)
      throw new InvalidMyPacketError(error.message, { cause: error })
    throw error
  }
}
