/** What TLS needs beyond the system's defaults, in PEM. */
export interface ClientTls {
  /** Certificate authorities that peers' certificates are checked against, instead of the well-known ones. */
  readonly ca?: string | undefined
  /** Our own certificate chain and private key, for peers that ask for one. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface HttpClientOptions {
  /** Connections to one peer. */
  readonly connectionsMax: number
  /** Packets under way to one peer, those that wait for a connection included; more are rejected with T02. */
  readonly requestsMax: number
  /**
   * Requests sent on one HTTP/1.1 connection before the first is answered. With more than one, a slow answer holds up
   * those behind it.
   */
  readonly pipelining: number
  /** Whether HTTP/2 is offered to peers with an `https` URL (ALPN). */
  readonly http2: boolean
  /** How long a peer may take at most. Packets that have more time are sent with no more than this. */
  readonly answerTimeoutMs: number
  /**
   * How long behind a packet's expiry its answer is still taken. The outgoing validator, which has answered by then,
   * gets to know of money that the peer counts as paid, and other requests on the same connection live on.
   */
  readonly lateAnswerMs: number
  /** How long one attempt to send a packet may take that may be sent again; a third of the time to its expiry at most. */
  readonly attemptTimeoutMs: number
  /**
   * The longest pause before the second attempt. It doubles with each further one up to `retryDelayMaxMs`; the pause
   * itself is a random part of it, half at the least.
   */
  readonly retryDelayMs: number
  readonly retryDelayMaxMs: number
  readonly connectTimeoutMs: number
  /** How long an unused connection, and what is kept for a peer, stay. */
  readonly idleTimeoutMs: number
  /** How often an HTTP/2 connection is probed; one that hasn't answered by the next time is closed. */
  readonly pingIntervalMs: number
  /** How long a stop waits for packets under way. */
  readonly stopTimeoutMs: number
  /** The largest answer that is read, in a response or a callback. */
  readonly responseBytesMax: number
  readonly tls: ClientTls
}

export const HTTP_CLIENT_DEFAULTS: HttpClientOptions = Object.freeze({
  connectionsMax: 100,
  requestsMax: 10_000,
  pipelining: 1,
  http2: true,
  answerTimeoutMs: 30_000,
  lateAnswerMs: 5_000,
  attemptTimeoutMs: 5_000,
  retryDelayMs: 250,
  retryDelayMaxMs: 5_000,
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 60_000,
  pingIntervalMs: 7_000,
  stopTimeoutMs: 30_000,
  responseBytesMax: 65_536,
  tls: Object.freeze({}),
})

/** @throws RangeError when a number among the options is not a whole one above zero */
export function checkOptions(options: HttpClientOptions): HttpClientOptions {
  for (const [name, value] of Object.entries(options)) {
    if (typeof value === 'number' && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
    }
  }
  return options
}
