import { isAddress, type Logger, silentLogger, unexpectedPayment } from '@ilp/service-core'
import type { Rate } from '@ilp/stream-path'
import type { Connection } from './connection.js'
import type { Link } from './link.js'
import type { Accept } from './receiving.js'
import { Session } from './session.js'
import { type ConnectionOptions, expectWhole, settingsOf } from './settings.js'

/** Octets of the segment under which this end receives. */
const SEGMENT_LENGTH = 16

export interface ConnectionDeps {
  readonly link: Link
  /** Where the server is, as its credentials say: SPSP's `destination_account`. */
  readonly destinationAddress: string
  /** Of this connection alone. */
  readonly sharedSecret: Uint8Array
  /** What packets have to bring; otherwise the rate found at first, less `slippagePpm`. */
  readonly minRate?: Rate
  /** Asked before money is taken. */
  readonly accept?: Accept
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal
  /** Gets what listeners, `accept` or the link throw, and nothing that the other end could cause. */
  readonly logger?: Logger
  /** Milliseconds since 1970; `Date.now` unless given. */
  readonly now?: () => number
  /** From 0 to 1, to spread retries; `Math.random` unless given. */
  readonly random?: () => number
}

export interface ClientOptions extends ConnectionOptions {
  /** How long to try to connect. */
  readonly connectTimeoutMs?: number
}

export const CONNECT_TIMEOUT_MS = 30_000

/**
 * Connects to a server. Settles when it has answered and the path has been tried with packets that nobody can fulfill;
 * whether money gets through may show later.
 * @throws RangeError for an address, a rate or an option out of range
 * @throws StreamError when nobody answers, or the connection ends before it began
 */
export async function createConnection(
  deps: ConnectionDeps,
  options: ClientOptions = {},
): Promise<Connection> {
  const { connectTimeoutMs = CONNECT_TIMEOUT_MS, ...others } = options
  expectWhole('connectTimeoutMs', connectTimeoutMs, 1)
  const settings = settingsOf(others)
  const { link, destinationAddress, sharedSecret, minRate, accept, signal, logger = silentLogger } = deps
  const { now = () => Date.now(), random = Math.random } = deps
  if (!isAddress(destinationAddress)) throw new RangeError('destinationAddress is not an ILP address')
  if (minRate && !(minRate.delivered >= 0n && minRate.sent > 0n))
    throw new RangeError('minRate is not a rate')
  signal?.throwIfAborted()

  const segment = newSegment()
  const session: Session = new Session({
    link,
    sharedSecret,
    isServer: false,
    address: () => (link.address() === '' ? '' : `${link.address()}.${segment}`),
    peerAddress: destinationAddress,
    receipts: undefined,
    minRate,
    settings,
    logger,
    now,
    random,
    tag: undefined,
    accept,
    onClosed: () => detach(),
  })
  const detach = link.attach(segment, prepare => {
    const packet = session.decrypt(prepare)
    if (!packet) return Promise.resolve(unexpectedPayment(session.address, 'no packet of this connection'))
    return session.receive(prepare, packet)
  })
  const onAbort = (): void => void session.destroy(signal?.reason)
  signal?.addEventListener('abort', onAbort)
  try {
    await session.connect(connectTimeoutMs)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
  return session
}

/** A segment of an address that nobody can guess. */
function newSegment(): string {
  const octets = crypto.getRandomValues(new Uint8Array(SEGMENT_LENGTH))
  return Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join('')
}
