import type { AccountId, IncomingRequest, OutgoingRequest, PacketWatcher } from '@ilp/service-core'
import type { Cells, Direction } from './cells.js'
import type { PacketMetrics } from './packets.js'

/**
 * Counts packets by the account that they come from. For an error boundary, which tells of them for less than `observe`
 * takes to find out.
 */
export const incomingWatcher = ({ incoming, now }: PacketMetrics): PacketWatcher<IncomingRequest> =>
  watcher(incoming, ({ from }) => from.id, now)

/**
 * Counts packets by the account that they go to. For an outgoing validator, which tells of them for less than
 * `observeOutgoing` takes to find out.
 */
export const outgoingWatcher = ({ outgoing, now }: PacketMetrics): PacketWatcher<OutgoingRequest> =>
  watcher(outgoing, ({ to }) => to.id, now)

function watcher<Request extends IncomingRequest>(
  direction: Direction,
  accountOf: (request: Request) => AccountId,
  now: () => number,
): PacketWatcher<Request> {
  const cellsOf = (request: Request): Cells => direction.of(accountOf(request))
  return {
    began: request => {
      cellsOf(request).began()
      return now()
    },
    answered: (request, reply, began) =>
      cellsOf(request).answered(reply, request.prepare.units, now() - began),
    threw: request => cellsOf(request).threw(),
  }
}
