import { WEB_SOCKET_DEFAULTS, type WebSocketOptions } from '@ilp/btp-websocket'

export interface BtpClientOptions extends WebSocketOptions {
  /** How long the peer may take to open the connection and to accept the authentication, together. */
  readonly connectTimeoutMs: number
  /**
   * The longest pause before a second attempt. It doubles with each further one up to `backoffMaxMs`; the pause itself
   * is a random part of it, so that many nodes don't come back at once.
   */
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
  /** A link that was up this long starts over with the shortest pause when it is lost. */
  readonly healthyAfterMs: number
  /** Certificates, in PEM, of authorities that are trusted in place of the well-known ones. */
  readonly ca?: string | undefined
}

export const BTP_CLIENT_DEFAULTS: BtpClientOptions = {
  ...WEB_SOCKET_DEFAULTS,
  connectTimeoutMs: 10_000,
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  healthyAfterMs: 30_000,
}

/** @throws RangeError when a number is no whole one above 0 */
export function checkOptions(options: Partial<BtpClientOptions>): BtpClientOptions {
  const all = { ...BTP_CLIENT_DEFAULTS, ...options }
  const { ca: _, ...numbers } = all
  for (const [name, value] of Object.entries(numbers)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return all
}
