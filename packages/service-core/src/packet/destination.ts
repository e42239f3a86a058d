import { isAddress } from '../address.js'

/** How many destinations are remembered, each of at most 1,023 characters. */
const SLOTS = 1_024

/** Shorter ones are not worth remembering. */
const REMEMBERED_LENGTH_MIN = 4

// All packets of a payment go to one address: comparing characters costs a quarter of decoding and checking them.
const known: string[] = new Array(SLOTS).fill('')

function isSame(address: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (address.length !== length) return false
  // Addresses of one receiver differ at their end.
  for (let i = length - 1; i >= 0; i--) if (address.charCodeAt(i) !== bytes[start + i]) return false
  return true
}

/** The ILP address (RFC 15) that lies between `start` and `end`; undefined when there is none. */
export function readDestination(bytes: Buffer, start: number, end: number): string | undefined {
  const length = end - start
  if (length < REMEMBERED_LENGTH_MIN) return decode(bytes, start, end)
  const slot =
    ((bytes[end - 1] as number) * 961 +
      (bytes[end - 2] as number) * 31 +
      (bytes[end - 3] as number) * 7 +
      (bytes[end - 4] as number) +
      length) %
    SLOTS
  const last = known[slot] as string
  if (isSame(last, bytes, start, length)) return last
  const address = decode(bytes, start, end)
  if (address !== undefined) known[slot] = address
  return address
}

function decode(bytes: Buffer, start: number, end: number): string | undefined {
  const address = bytes.toString('latin1', start, end)
  return isAddress(address) ? address : undefined
}
