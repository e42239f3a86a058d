import {
  connectorBusy,
  type Logger,
  type Prepare,
  type Reply,
  silentLogger,
  unexpectedPayment,
} from '@ilp/service-core'
import { IlpPacketType, StreamKeys } from '@ilp/stream-packet'
import type { Connection } from './connection.js'
import type { ReceiptSetup } from './frames.js'
import type { Link } from './link.js'
import type { Accept } from './receiving.js'
import { Session } from './session.js'
import { type ConnectionOptions, expectWhole, settingsOf } from './settings.js'
import { Arrivals } from './signal.js'

/** What comes with a connection, from the one who asked for its credentials. */
export interface ServerTerms {
  readonly tag?: string
  readonly receipts?: ReceiptSetup
}

/** What a client needs to connect: SPSP's `destination_account` and `shared_secret`. */
export interface ServerCredentials {
  readonly destinationAccount: string
  readonly sharedSecret: Uint8Array
}

/** Issues credentials and knows them again; `streamCredentials(secret)` of `@ilp/stream-receiver` is one. */
export interface CredentialSource {
  readonly issue: (address: string, terms?: ServerTerms) => ServerCredentials
  readonly open: (address: string, destination: string) => (ServerCredentials & ServerTerms) | undefined
}

export interface ServerDeps {
  /** One that can receive. */
  readonly link: Link
  readonly credentials: CredentialSource
  /** Asked before money is taken, with the connection that it is for. */
  readonly accept?: (offer: Parameters<Accept>[0], connection: Connection) => ReturnType<Accept>
  /** Gets what listeners, `accept` or the link throw, and nothing that a client could cause. */
  readonly logger?: Logger
  /** Milliseconds since 1970; `Date.now` unless given. */
  readonly now?: () => number
  /** From 0 to 1, to spread retries; `Math.random` unless given. */
  readonly random?: () => number
}

export interface ServerOptions extends ConnectionOptions {
  /** Connections at a time; more are refused with T03. */
  readonly connectionsMax?: number
}

/** Connections at a time. */
export const CONNECTIONS_MAX = 10_000
/** Connections that are kept for somebody to take them. */
const CONNECTIONS_KEPT_MAX = 1_000
/** How long a closed connection is remembered: packets that are late don't open it again. */
const CLOSED_MS = 60_000

/** Takes connections. `for await` gives them, as `on('connection')` does; those that came before are kept. */
export interface StreamServer extends AsyncDisposable, AsyncIterable<Connection> {
  /**
   * Credentials of a new connection, for one client.
   * @throws RangeError when the terms are too long, or the link has no address
   */
  readonly issueCredentials: (terms?: ServerTerms) => ServerCredentials
  /** Called for each connection, before its first streams. Returns how to end that. */
  readonly on: (event: 'connection', listener: (connection: Connection) => void) => () => void
  /** Takes no more connections, and closes those that are open. */
  readonly close: () => Promise<void>
}

/** @throws RangeError for an option out of its range */
export function createServer(deps: ServerDeps, options: ServerOptions = {}): StreamServer {
  const { connectionsMax = CONNECTIONS_MAX, ...others } = options
  expectWhole('connectionsMax', connectionsMax, 1)
  const settings = settingsOf(others)
  const {
    link,
    credentials,
    accept,
    logger = silentLogger,
    now = () => Date.now(),
    random = Math.random,
  } = deps
  const connections = new Arrivals<Connection>(logger, CONNECTIONS_KEPT_MAX)
  const open = new Map<string, Session>()
  /** Sessions that are over, in the order in which they ended, and when. */
  const closed = new Map<string, { readonly session: Session; readonly atMs: number }>()
  let isClosing = false

  const onClosed = (destination: string, session: Session): void => {
    open.delete(destination)
    forget()
    closed.set(destination, { session, atMs: now() })
  }
  const forget = (): void => {
    for (const [destination, { atMs }] of closed) {
      if (closed.size < connectionsMax && now() - atMs < CLOSED_MS) return
      closed.delete(destination)
    }
  }
  const create = (destination: string, opened: ServerCredentials & ServerTerms): Session => {
    const session: Session = new Session({
      link,
      sharedSecret: opened.sharedSecret,
      isServer: true,
      address: () => destination,
      peerAddress: undefined,
      receipts: opened.receipts,
      minRate: undefined,
      settings,
      logger,
      now,
      random,
      tag: opened.tag,
      accept: accept && (offer => accept(offer, session)),
      onClosed: () => onClosed(destination, session),
    })
    open.set(destination, session)
    connections.push(session)
    return session
  }
  const refuse = (message: string): Promise<Reply> =>
    Promise.resolve(unexpectedPayment(link.address(), message))

  const receive = (prepare: Prepare): Promise<Reply> | undefined => {
    const { destination } = prepare
    forget()
    const known = open.get(destination) ?? closed.get(destination)?.session
    if (known) {
      const packet = known.decrypt(prepare)
      return packet ? known.receive(prepare, packet) : refuse('no packet of this connection')
    }
    const opened = credentials.open(link.address(), destination)
    // Nothing is kept of a packet that doesn't decrypt.
    const packet = opened && new StreamKeys(opened.sharedSecret).decrypt(prepare.data, IlpPacketType.Prepare)
    if (!opened || !packet) return refuse('no packet of a connection')
    if (isClosing || open.size >= connectionsMax) {
      return Promise.resolve(connectorBusy(link.address(), 'no more connections are taken for now'))
    }
    return create(destination, opened).receive(prepare, packet)
  }
  const detach = link.listen(receive)
  const close = async (): Promise<void> => {
    isClosing = true
    await Promise.all([...open.values()].map(session => session.close()))
    detach()
    connections.end()
  }
  return {
    issueCredentials: terms => credentials.issue(link.address(), terms),
    on: (_event, listener) => connections.add(listener),
    close,
    [Symbol.asyncDispose]: close,
    [Symbol.asyncIterator]: () => connections[Symbol.asyncIterator](),
  }
}
