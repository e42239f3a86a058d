/** The longest ILP address (RFC 15), in characters. */
export const ADDRESS_LENGTH_MAX = 1023

const SCHEMES = 'g|private|example|peer|self|test[123]?|local'
const ADDRESS = new RegExp(`^(?:${SCHEMES})(?:\\.[A-Za-z0-9_~-]+)+$`)
const PREFIX = new RegExp(`^(?:${SCHEMES})(?:\\.[A-Za-z0-9_~-]+)*$`)

/** Whether `text` is an ILP address (RFC 15): a known scheme and at least one more segment. */
export const isAddress = (text: string): boolean => text.length <= ADDRESS_LENGTH_MAX && ADDRESS.test(text)

/** Whether `text` can stand at the beginning of addresses: an address, or a scheme alone. No dot at its end. */
export const isAddressPrefix = (text: string): boolean =>
  text.length <= ADDRESS_LENGTH_MAX && PREFIX.test(text)

/** Whether `address` is `prefix` or lies below it. Segments count: `g.al` is no prefix of `g.alice`. */
export const hasPrefix = (address: string, prefix: string): boolean =>
  address.startsWith(prefix) &&
  (address.length === prefix.length || address.charCodeAt(prefix.length) === 0x2e)

/** The allocation scheme: what stands before the first dot. */
export function scheme(address: string): string {
  const dot = address.indexOf('.')
  return dot < 0 ? address : address.slice(0, dot)
}

/** Packets never cross between these: `live` is `g`, `test` is every `test…` scheme (RFC 34). */
export type Network = 'live' | 'test'

/** The network that the address belongs to; undefined for schemes that belong to neither. */
export function network(address: string): Network | undefined {
  const name = scheme(address)
  if (name === 'g') return 'live'
  return name.startsWith('test') ? 'test' : undefined
}

/** Whether packets must not cross between the two addresses: one is on the live network, the other on a test one. */
export function areApart(one: string, other: string): boolean {
  const first = network(one)
  const second = network(other)
  return first !== undefined && second !== undefined && first !== second
}
