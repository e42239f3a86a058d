import {
  type Account,
  type OutgoingRequest,
  peerUnreachable,
  type Relation,
  type Service,
  unreachable as unknownDestination,
} from '@ilp/service-core'

export interface UnreachableAccount extends Account {
  readonly relation?: Relation | undefined
}

export interface UnreachableDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

/**
 * The service at the end of a chain. A packet that gets here has a route, but nobody took it: T01, since the peer may
 * connect again. A packet for a `local` account gets F02: that account lives in this node, and no receiver of it has
 * this address.
 */
export function unreachable({ address }: UnreachableDeps): Service<OutgoingRequest<UnreachableAccount>> {
  return {
    ready: () => Promise.resolve(),
    call: ({ to }) =>
      Promise.resolve(
        to.relation === 'local'
          ? unknownDestination(address(), 'nobody receives at this address')
          : peerUnreachable(address(), 'the next hop is not connected'),
      ),
  }
}
