import { OerError, Reader, Writer } from '@ilp/oer'

export interface Greeting {
  readonly version: number
  readonly amount: bigint
  readonly name: string
}

export const encode = ({ version, amount, name }: Greeting): Buffer =>
  new Writer().writeUInt8(version).writeUInt64(amount).writeVarString(name).toBuffer()

/** Undefined for bytes that are no greeting. Bytes behind the name are ignored, as RFC 30 has it. */
export function decode(bytes: Buffer): Greeting | undefined {
  const reader = new Reader(bytes)
  try {
    return {
      version: reader.readUInt8(),
      amount: reader.readUInt64(),
      name: reader.readVarOctets().toString(),
    }
  } catch (error) {
    if (error instanceof OerError) return undefined
    throw error
  }
}
