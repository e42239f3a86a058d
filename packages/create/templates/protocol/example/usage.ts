import { decodeMyPacket, encodeMyPacket } from '@ilp/my-packet'

/** A packet that greets somebody. */
export const greet = (name: string): Buffer => encodeMyPacket({ type: 1, text: name })

/** Whom a packet greets; undefined when it is of another type. */
export function greeted(bytes: Buffer): string | undefined {
  const { type, text } = decodeMyPacket(bytes)
  return type === 1 ? text : undefined
}
