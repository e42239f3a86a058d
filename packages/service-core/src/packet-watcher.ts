import type { Reply } from './packet/reply.js'
import type { IncomingRequest } from './service.js'

/**
 * Sees every packet go in and its answer come out, as a layer would that counts. Layers that wait for answers anyhow
 * tell it: one more that waits takes more time than all counting. None of it may throw.
 */
export interface PacketWatcher<Request extends IncomingRequest = IncomingRequest> {
  /** A packet comes. @returns what `answered` is given with it, say the time */
  readonly began: (request: Request) => number
  /** It has its answer, that of the layer itself for instance. */
  readonly answered: (request: Request, reply: Reply, began: number) => void
  /** It has none: a service threw. */
  readonly threw: (request: Request) => void
}
