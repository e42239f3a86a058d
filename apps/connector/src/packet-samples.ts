import { isFulfill, type Middleware, type OutgoingRequest, type Reply } from '@ilp/service-core'
import type { ConnectorAccount } from './account.js'
import type { Events } from './admin/events.js'

/** Tells the listeners of the admin API of some packets. Nobody listens: then it costs a comparison. */
export const packetSamples =
  (
    events: Pick<Events, 'packet' | 'takesPacket'>,
  ): Middleware<OutgoingRequest<ConnectorAccount>, OutgoingRequest<ConnectorAccount>> =>
  inner => {
    const told = async (request: OutgoingRequest<ConnectorAccount>): Promise<Reply> => {
      const startedAtMs = performance.now()
      const reply = await inner.call(request)
      events.packet({
        from: request.from.username,
        to: request.to.username,
        amount: request.incomingAmount.toString(),
        destination: request.prepare.destination,
        outcome: isFulfill(reply) ? 'fulfilled' : reply.code,
        tookMs: Math.round(performance.now() - startedAtMs),
      })
      return reply
    }
    return {
      ready: inner.ready,
      call: request => (events.takesPacket() ? told(request) : inner.call(request)),
    }
  }
