import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'

/** The IP addresses of a host, in the order in which they are to be tried. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** A host has no address that may be connected to. */
export class AddressRefusedError extends Error {}

export interface ConnectOptions {
  readonly resolve: Resolve
  /** Whether an IP address may be connected to. */
  readonly isAllowed: (address: string) => boolean
  /** In PEM, instead of the well-known authorities. */
  readonly ca: string | undefined
  readonly timeoutMs: number
}

/** Opens connections to addresses that are allowed, and to no others. */
export function guardedConnect({
  resolve,
  isAllowed,
  ca,
  timeoutMs,
}: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({
    lookup: guardedLookup(resolve, isAllowed),
    timeout: timeoutMs,
    ...(ca !== undefined && { ca }),
  })
  return (options, callback) => {
    const { hostname } = options
    // No name, so that it won't be looked up.
    if (isIP(hostname) !== 0 && !isAllowed(hostname)) {
      callback(new AddressRefusedError(`${hostname} may not be asked`), null)
    } else connect(options, callback)
  }
}

/**
 * A look-up that leaves only what is allowed. The socket connects to what it gives: it is no use to a host to be at
 * another address the next time that somebody asks.
 */
export const guardedLookup =
  (resolve: Resolve, isAllowed: (address: string) => boolean): LookupFunction =>
  (host, { all }, callback) => {
    resolve(host).then(
      found => {
        const addresses = found.filter(isAllowed).map(address => ({ address, family: isIP(address) }))
        const [first] = addresses
        if (!first) callback(new AddressRefusedError(`${host} has no address that may be asked`), [])
        else if (all) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      error => callback(error, []),
    )
  }
