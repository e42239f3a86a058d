import { lengthPrefixSize, Writer } from '@ilp/oer'

export const BTP_RESPONSE = 1
export const BTP_ERROR = 2
export const BTP_MESSAGE = 6

/** Where the request id, four bytes, lies in every BTP packet. */
export const REQUEST_ID_AT = 1
const CONTENTS_AT = 5
const OCTET_STREAM = 0
const TEXT = 1
/** The name `ilp` behind its length. */
const ILP_NAME = 0x03_69_6c_70

/** A BTP packet (RFC 23) with request id 0 and these sub-protocols: text, or bytes. */
export function btpPacket(type: number, subProtocols: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const entries = Object.entries(subProtocols)
  const contents = new Writer().writeVarUInt(BigInt(entries.length))
  for (const [name, data] of entries) {
    contents
      .writeVarString(name)
      .writeUInt8(typeof data === 'string' ? TEXT : OCTET_STREAM)
      .writeVarOctets(Buffer.from(data))
  }
  return new Writer().writeUInt8(type).writeUInt32(0).writeVarOctets(contents.toBuffer()).toBuffer()
}

/**
 * Where the ILP packet begins in the BTP Message or Response at `at`; -1 when the first sub-protocol is not `ilp`, or
 * empty.
 * Reads no further than it must.
 */
export function ilpPacketAt(bytes: Buffer, at: number, end: number): number {
  let next = at + CONTENTS_AT
  next += lengthPrefixSize(bytes, next)
  // The count of sub-protocols, a VarUInt of one byte, is behind us then.
  next += 2
  if (next + 6 > end || bytes.readUInt32BE(next) !== ILP_NAME) return -1
  const ilpAt = next + 5 + lengthPrefixSize(bytes, next + 5)
  return ilpAt < end ? ilpAt : -1
}
