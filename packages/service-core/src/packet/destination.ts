import { isAddress } from '../address.js'

/** How many destinations are remembered, each of at most 1,023 octets. */
const SLOTS = 256

interface Known {
  readonly octets: Uint8Array
  readonly address: string
}

// All packets of a payment go to one address: comparing octets costs half of decoding and checking them.
const known: Known[] = Array.from({ length: SLOTS }, () => ({ octets: new Uint8Array(0), address: '' }))

function isSame(octets: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (octets.length !== length) return false
  // Addresses of one receiver differ at their end.
  for (let i = length - 1; i >= 0; i--) if (octets[i] !== bytes[start + i]) return false
  return true
}

/** The ILP address (RFC 15) that lies between `start` and `end`; undefined when there is none. */
export function readDestination(bytes: Buffer, start: number, end: number): string | undefined {
  const length = end - start
  if (length === 0) return undefined
  const slot = ((bytes[end - 1] as number) * 31 + (bytes[end - 2] as number) * 7 + length) % SLOTS
  const last = known[slot] as Known
  if (isSame(last.octets, bytes, start, length)) return last.address
  const address = bytes.toString('latin1', start, end)
  if (!isAddress(address)) return undefined
  known[slot] = { octets: Uint8Array.from(bytes.subarray(start, end)), address }
  return address
}
