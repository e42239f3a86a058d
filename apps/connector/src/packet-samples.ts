import {
  type AccountId,
  type IncomingRequest,
  isFulfill,
  type Middleware,
  type Reply,
  scheme,
} from '@ilp/service-core'
import type { ConnectorAccount } from './account.js'
import type { Events } from './admin/events.js'

export interface PacketSamplesDeps {
  readonly events: Pick<Events, 'packet' | 'takesPacket'>
  readonly table: { readonly nextHop: (destination: string) => AccountId | undefined }
  readonly accounts: { readonly get: (id: AccountId) => ConnectorAccount | undefined }
}

type Request = IncomingRequest<ConnectorAccount>

/**
 * Tells the listeners of the admin API of some packets, those that this node refuses itself among them, but not of
 * those that peers speak with each other by (`peer.`). Nobody listens: then it costs a comparison.
 */
export const packetSamples =
  ({ events, table, accounts }: PacketSamplesDeps): Middleware<Request> =>
  inner => {
    const told = async (request: Request): Promise<Reply> => {
      const { from, prepare } = request
      const { destination } = prepare
      if (scheme(destination) === 'peer') return inner.call(request)
      const startedAtMs = performance.now()
      const reply = await inner.call(request)
      const tookMs = Math.round(performance.now() - startedAtMs)
      const to = table.nextHop(destination)
      events.packet({
        from: from.username,
        to: (to === undefined ? undefined : accounts.get(to)?.username) ?? null,
        amount: prepare.units.toString(),
        destination,
        ...(isFulfill(reply)
          ? { outcome: 'fulfilled' }
          : { outcome: reply.code, rejectedBy: reply.triggeredBy }),
        tookMs,
      })
      return reply
    }
    return {
      ready: inner.ready,
      call: request => (events.takesPacket() ? told(request) : inner.call(request)),
    }
  }
