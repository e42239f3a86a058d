import { WEB_SOCKET_DEFAULTS, type WebSocketOptions } from '@ilp/btp-websocket'

export interface BtpServerOptions extends WebSocketOptions {
  /** The paths that WebSockets are taken at. A segment `:username` names the account that it has to be. */
  readonly paths: readonly string[]
  /** How long a client may take to authenticate. */
  readonly authTimeoutMs: number
  /** Sockets of all clients that have not authenticated. Upgrades past it are answered with HTTP 503. */
  readonly unauthenticatedMax: number
  /** Sessions of one account, those that this node dials included. A client past it is refused. */
  readonly sessionsPerAccountMax: number
}

export const BTP_SERVER_DEFAULTS: BtpServerOptions = {
  ...WEB_SOCKET_DEFAULTS,
  paths: ['/accounts/:username/ilp/btp', '/btp'],
  authTimeoutMs: 10_000,
  unauthenticatedMax: 1_000,
  sessionsPerAccountMax: 32,
}

/** @throws RangeError when a number is no whole one above 0 */
export function checkOptions(options: Partial<BtpServerOptions>): BtpServerOptions {
  const all = { ...BTP_SERVER_DEFAULTS, ...options }
  const { paths: _, ...numbers } = all
  for (const [name, value] of Object.entries(numbers)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return all
}
