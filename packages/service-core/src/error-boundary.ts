import type { Logger } from './logger.js'
import type { Reject } from './packet/reject.js'
import type { Reply } from './packet/reply.js'
import { internalError } from './rejects.js'
import type { IncomingRequest, Pass } from './service.js'

export interface ErrorBoundaryDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger: Logger
}

/**
 * Turns whatever the inner service throws into T00. This is the one place where a bug becomes a reject: the error is
 * logged whole, and nothing of it reaches the peer.
 */
export function errorBoundary({ address, logger }: ErrorBoundaryDeps): Pass<IncomingRequest> {
  const answer = (request: IncomingRequest, error: unknown): Reject => {
    logger.error({ err: error, account: request.from.id }, 'a service threw instead of answering')
    return internalError(address(), 'internal error')
  }
  return inner => ({
    ready: inner.ready,
    call: request => {
      let reply: Promise<Reply>
      try {
        reply = inner.call(request)
      } catch (error) {
        return Promise.resolve(answer(request, error))
      }
      return reply.catch(error => answer(request, error))
    },
  })
}
