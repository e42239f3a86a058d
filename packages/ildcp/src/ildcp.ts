import { CONFIG_ADDRESS, configResponse, isPeerCondition } from '@ilp/ildcp-packet'
import {
  type Account,
  type Asset,
  badRequest,
  type IncomingRequest,
  type Pass,
  peerUnreachable,
  type Relation,
  type Reply,
  unreachable,
} from '@ilp/service-core'

export interface IldcpAccount extends Account {
  readonly relation: Relation
  readonly asset: Asset
}

export interface IldcpDeps<A extends IldcpAccount> {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** The account's own ILP address; undefined while it isn't known. */
  readonly addressOf: (account: A) => string | undefined
}

/**
 * Answers packets to `peer.config`: a child, or a local account, is told its address and asset; peers and parents,
 * whose addresses aren't this node's to give, are refused with F02. Passes all other packets on.
 */
export function ildcp<A extends IldcpAccount>({
  address,
  addressOf,
}: IldcpDeps<A>): Pass<IncomingRequest<A>> {
  const answer = ({ from, prepare }: IncomingRequest<A>): Reply => {
    if (from.relation !== 'child' && from.relation !== 'local') {
      return unreachable(address(), 'only children are told their configuration')
    }
    if (prepare.units !== 0n) return badRequest(address(), 'a request for the configuration carries no money')
    if (!isPeerCondition(prepare)) return badRequest(address(), 'not the condition of peer protocols')
    const theirs = addressOf(from)
    if (theirs === undefined) return peerUnreachable(address(), 'this node does not know its own address yet')
    return configResponse({ address: theirs, asset: from.asset })
  }
  return inner => ({
    ready: inner.ready,
    call: request =>
      request.prepare.destination === CONFIG_ADDRESS ? Promise.resolve(answer(request)) : inner.call(request),
  })
}
