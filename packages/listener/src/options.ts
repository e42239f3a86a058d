export interface ListenerOptions {
  /** How long a request's head, and a TLS handshake, may take to arrive. */
  readonly headersTimeoutMs: number
  /** How long a whole request may take to arrive. The answer has all the time it needs. */
  readonly requestTimeoutMs: number
  /**
   * How long a connection may be silent, between requests and while it waits for an answer. It has to be longer than
   * any packet is held.
   */
  readonly idleTimeoutMs: number
  /** Connections at a time, upgraded ones included; more are closed when they come. */
  readonly connectionsMax: number
  /** Requests at a time on one HTTP/2 connection. */
  readonly streamsMax: number
  /** The size of a request's head. */
  readonly headersBytesMax: number
  /** How long a stop waits for the answers to requests under way. */
  readonly stopTimeoutMs: number
}

export const LISTENER_DEFAULTS: ListenerOptions = Object.freeze({
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  idleTimeoutMs: 75_000,
  connectionsMax: 10_000,
  streamsMax: 1_000,
  headersBytesMax: 16_384,
  stopTimeoutMs: 30_000,
})

/** @throws RangeError when an option is not a whole number above zero */
export function checkOptions(options: ListenerOptions): ListenerOptions {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
  }
  return options
}
