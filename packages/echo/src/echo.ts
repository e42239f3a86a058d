import { type Echo, echoResponse, InvalidEchoError, readEcho } from '@ilp/echo-packet'
import {
  type Account,
  type AccountId,
  areApart,
  type IncomingRequest,
  invalidPacket,
  type OutgoingRequest,
  type Pass,
  type Prepare,
  type Reject,
  type Reply,
  type Service,
  scheme,
  unreachable,
} from '@ilp/service-core'

export interface EchoDeps<A extends Account> {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Where destinations lead: a routing table. */
  readonly table: { readonly nextHop: (destination: string) => AccountId | undefined }
  readonly accounts: { readonly get: (id: AccountId) => A | undefined }
  /** The chain behind the router. */
  readonly outgoing: Pick<Service<OutgoingRequest<A>>, 'call'>
}

/**
 * Answers echo requests to this node's own address: sends a packet of the same amount, expiry and condition to the
 * address that the request names, and returns what comes of it. The money goes from the account that the request came
 * from to the one that the response goes to, at this node's rates and limits; often it is one and the same. Passes all
 * other packets on, responses among them.
 *
 * Rejects with F01 what begins like an echo and is none, with F02 a request whose source can't be reached from here.
 */
export function echo<A extends Account>(deps: EchoDeps<A>): Pass<IncomingRequest<A>> {
  const { address, table, accounts, outgoing } = deps

  const respond = (from: A, prepare: Prepare, source: string): Promise<Reply> => {
    const id = isReachable(source, address()) ? table.nextHop(source) : undefined
    const to = id === undefined ? undefined : accounts.get(id)
    if (!to) return refuse(unreachable(address(), 'no route to the source of the echo request'))
    return outgoing.call({
      from,
      to,
      incomingAmount: prepare.units,
      prepare: echoResponse(prepare, source),
    })
  }

  return inner => ({
    ready: inner.ready,
    call: request => {
      const { from, prepare } = request
      if (prepare.destination !== address()) return inner.call(request)
      const read = tryRead(prepare)
      if (read instanceof InvalidEchoError) return refuse(invalidPacket(address(), read.message))
      return read?.type === 'request' ? respond(from, prepare, read.source) : inner.call(request)
    },
  })
}

const refuse = (reject: Reject): Promise<Reply> => Promise.resolve(reject)

function tryRead(prepare: Prepare): Echo | InvalidEchoError | undefined {
  try {
    return readEcho(prepare)
  } catch (error) {
    if (error instanceof InvalidEchoError) return error
    throw error
  }
}

/** What the router checks of a destination, and that it isn't this node: that could go in circles. */
function isReachable(source: string, address: string): boolean {
  const name = scheme(source)
  return name !== 'peer' && name !== 'self' && source !== address && !areApart(source, address)
}
