import {
  type Account,
  type AccountId,
  areApart,
  type IncomingRequest,
  type Middleware,
  type OutgoingRequest,
  type Relation,
  type Reply,
  scheme,
  unreachable,
} from '@ilp/service-core'

export interface RouterAccount extends Account {
  readonly relation?: Relation | undefined
}

export interface RouterDeps<A extends RouterAccount> {
  /** Where destinations lead: a `RoutingTable`, or anything else that answers at once. */
  readonly table: { readonly nextHop: (destination: string) => AccountId | undefined }
  readonly accounts: { readonly get: (id: AccountId) => A | undefined }
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
}

/**
 * Finds the account that a packet goes to, and is the one place that makes an outgoing request of an incoming one.
 *
 * Answers F02 where there is no route or its account is gone; for addresses in `peer.` and `self.`, which are never
 * forwarded (RFC 15); for the test networks when this node is on the live one and the other way round (RFC 34); and
 * where the route leads back to the account that the packet came from, except for `local` accounts: their packets
 * stay inside the node, so that none can go in circles.
 */
export function router<A extends RouterAccount>({
  table,
  accounts,
  address,
}: RouterDeps<A>): Middleware<IncomingRequest<A>, OutgoingRequest<A>> {
  const refuse = (message: string): Promise<Reply> => Promise.resolve(unreachable(address(), message))
  return inner => ({
    ready: inner.ready,
    call: ({ from, prepare }) => {
      const { destination } = prepare
      const name = scheme(destination)
      if (name === 'peer' || name === 'self') return refuse(`${name}. addresses are not forwarded`)
      if (areApart(destination, address())) return refuse('the destination is in another network')
      const id = table.nextHop(destination)
      const to = id === undefined ? undefined : accounts.get(id)
      if (!to) return refuse('no route to the destination')
      if (to.id === from.id && to.relation !== 'local') return refuse('the route leads back to the sender')
      return inner.call({ from, prepare, to, incomingAmount: prepare.units })
    },
  })
}
