import type { Exchange } from './exchange.js'

/** Header fields of a request, names and values in turn. */
export type HeaderList = readonly string[]

/** Carries requests to one URL and reports to their exchanges. */
export interface Transport {
  /** Sends a request as soon as a connection is free. */
  readonly send: (exchange: Exchange, headers: HeaderList) => void
  /** Lets what is under way end, then closes the connections. */
  readonly close: () => Promise<void>
  /** Gives up what is under way. Called once, behind `close`. */
  readonly destroy: () => void
}
