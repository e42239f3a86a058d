import type { Logger } from './logger.js'
import type { Reject } from './packet/reject.js'
import type { Reply } from './packet/reply.js'
import type { PacketWatcher } from './packet-watcher.js'
import { internalError } from './rejects.js'
import type { IncomingRequest, Pass } from './service.js'

export interface ErrorBoundaryDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger: Logger
  readonly watcher?: PacketWatcher | undefined
}

/**
 * Turns whatever the inner service throws into T00. This is the one place where a bug becomes a reject: the error is
 * logged whole, and nothing of it reaches the peer.
 */
export function errorBoundary({ address, logger, watcher }: ErrorBoundaryDeps): Pass<IncomingRequest> {
  const answer = (request: IncomingRequest, error: unknown): Reject => {
    logger.error({ err: error, account: request.from.id }, 'a service threw instead of answering')
    return internalError(address(), 'internal error')
  }
  const watched = (request: IncomingRequest, reply: Reply, began: number): Reply => {
    watcher?.answered(request, reply, began)
    return reply
  }
  return inner => ({
    ready: inner.ready,
    call: request => {
      const began = watcher?.began(request) ?? 0
      let reply: Promise<Reply>
      try {
        reply = inner.call(request)
      } catch (error) {
        return Promise.resolve(watched(request, answer(request, error), began))
      }
      const failed = (error: unknown) => watched(request, answer(request, error), began)
      return watcher ? reply.then(reply => watched(request, reply, began), failed) : reply.catch(failed)
    },
  })
}
