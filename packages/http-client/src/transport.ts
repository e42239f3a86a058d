/** Header fields of a request, names and values in turn. */
export type HeaderList = readonly string[]

/** Gives a request up. */
export interface Abortable {
  readonly abort: (reason: Error) => void
}

/** One request and its response. A transport reports to it, in whichever order things happen. */
export interface Exchange {
  /** The request's body. */
  readonly bytes: Buffer
  /**
   * The request is about to be written. The transport drops it, and calls `failed`, when this throws.
   * @throws NotSentError for a request that may have been written before, and for one that nobody waits for any more
   */
  readonly started: (request: Abortable) => void
  readonly responded: (status: number) => void
  /** A piece of the response's body, which belongs to the exchange from here on. */
  readonly received: (chunk: Buffer) => void
  readonly ended: () => void
  readonly failed: (error: Error) => void
}

/** For a request that a transport begins a second time, or that nobody waits for any more. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError'
  readonly code = 'ERR_NOT_SENT'
}

/** Carries requests to one URL and reports to their exchanges. */
export interface Transport {
  /** Sends a request as soon as a connection is free. */
  readonly send: (exchange: Exchange, headers: HeaderList) => void
  /** Lets what is under way end, then closes the connections. */
  readonly close: () => Promise<void>
  /** Gives up what is under way. Called once, behind `close`. */
  readonly destroy: () => void
}
