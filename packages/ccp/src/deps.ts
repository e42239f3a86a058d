import type { Account, AccountId, Logger, OutgoingRequest, Relation, Service } from '@ilp/service-core'
import type { StaticRoute } from '@ilp/store-traits'

export interface CcpAccount extends Account {
  readonly relation: Relation
  /** Whether the account's peer may have this node's routes: true unless set, for local accounts false. */
  readonly sendRoutes?: boolean | undefined
  /** Whether routes are taken of the account's peer: true unless set, for local accounts false. */
  readonly receiveRoutes?: boolean | undefined
}

/** Where the best routes go: a `RoutingTable` of `@ilp/router`, or anything else that takes them at once. */
export interface RouteSink {
  readonly put: (prefix: string, account: AccountId) => void
  /** No effect when there is none. */
  readonly remove: (prefix: string) => void
}

/** Tells of any change; returns what ends that. The `watch` of a store does. */
interface Watched {
  readonly watch: (listener: () => void) => () => void
}

export interface CcpDeps<A extends CcpAccount> {
  /** The chain behind the router, which the requests to peers go through. */
  readonly outgoing: Pick<Service<OutgoingRequest<A>>, 'call'>
  /** The account that packets of this node's own to a peer come from. */
  readonly ownAccount: (to: A) => A
  /** All accounts that take part. */
  readonly accounts: Watched & { readonly all: () => readonly A[] }
  /** The account's own ILP address; undefined while it isn't known. */
  readonly addressOf: (account: A) => string | undefined
  /** This node's ILP address; undefined while it has none. */
  readonly address: Watched & { readonly get: () => string | undefined }
  readonly staticRoutes: Watched & { readonly all: () => readonly StaticRoute[] }
  readonly table: RouteSink
  /**
   * Told of a peer that speaks under another address than before, or begins another table, the first one as well: it may
   * have been moved, or started anew, and a parent may then have another address for this node.
   */
  readonly onPeerChanged?: (account: AccountId) => void
  /** At least 32 octets, from which the codes of routes that begin here are derived. */
  readonly secret: Uint8Array
  readonly logger: Logger
}
