import { resolvePointer } from './pointer.js'

export interface SpspClientOptions {
  /**
   * Whether queries may go out in clear text. For tests and local networks: whoever is between can have the money sent
   * to somebody else.
   */
  readonly allowHttp: boolean
  /**
   * Whether addresses of this machine and of private networks may be connected to. For tests and local networks: who
   * names the payment pointers can reach what is there.
   */
  readonly allowPrivateAddresses: boolean
  /** By host: an origin to ask instead of `https://` and the host, when a payment pointer is for that host. */
  readonly origins: Readonly<Record<string, string>>
  /** Redirects that are followed. */
  readonly redirectsMax: number
  /** How long a query may take, with all redirects. */
  readonly timeoutMs: number
  /** The longest body of a response that is read. */
  readonly bodyBytesMax: number
  /** Connections to one host; queries that find none free wait. */
  readonly connectionsMax: number
  /** Certificate authorities, in PEM, that servers are checked against instead of the well-known ones. */
  readonly ca?: string
}

export const SPSP_CLIENT_DEFAULTS: SpspClientOptions = Object.freeze({
  allowHttp: false,
  allowPrivateAddresses: false,
  origins: Object.freeze({}),
  redirectsMax: 5,
  timeoutMs: 10_000,
  bodyBytesMax: 16_384,
  connectionsMax: 8,
})

/** @throws RangeError for an option out of its range */
export function checkOptions(options: SpspClientOptions): SpspClientOptions {
  const expectWhole = (name: keyof SpspClientOptions, least: number) => {
    const value = options[name] as number
    if (Number.isSafeInteger(value) && value >= least) return
    throw new RangeError(`${name} is ${value}, not a whole number from ${least}`)
  }
  expectWhole('redirectsMax', 0)
  expectWhole('timeoutMs', 1)
  expectWhole('bodyBytesMax', 1)
  expectWhole('connectionsMax', 1)
  for (const [host, origin] of Object.entries(options.origins)) {
    const isHost = resolvePointer(`$${host}`)?.host === host
    const isOrigin = URL.canParse(origin) && new URL(origin).origin === origin
    const isSecure = origin.startsWith('https:') || (options.allowHttp && origin.startsWith('http:'))
    if (!(isHost && isOrigin && isSecure)) throw new RangeError(`${origin} can't stand in for ${host}`)
  }
  return options
}
