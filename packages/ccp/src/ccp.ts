import {
  type BestRoute,
  CONTROL_ADDRESS,
  ccpResponse,
  InvalidCcpError,
  readControl,
  readUpdate,
  UPDATE_ADDRESS,
} from '@ilp/ccp-packet'
import {
  type AccountId,
  badRequest,
  type Disposable,
  type IncomingRequest,
  lifecycle,
  type Pass,
  peerUnreachable,
  type Reply,
} from '@ilp/service-core'
import type { CcpAccount, CcpDeps } from './deps.js'
import { type CcpOptions, checkOptions } from './options.js'
import type { Peer } from './peer.js'
import { RouteManager } from './route-manager.js'

/** The route manager. Its `start` fills the table, and asks peers for routes; it doesn't wait for them. */
export interface Ccp<A extends CcpAccount> extends Disposable {
  /**
   * Answers packets to `peer.route.control` and `peer.route.update`, and passes on all others. Its life cycle is the
   * route manager's, so that a chain that it stands in starts and stops it.
   */
  readonly middleware: Pass<IncomingRequest<A>>
  /** To be told of links that have come up: the peer is asked at once, and told this node's routes. */
  readonly linkUp: (account: AccountId) => void
  /**
   * To be told of links that are down: the peer's routes go at once, the next best take their place, and it is left
   * alone until the link is up. Links that nobody tells of are taken to be up; their routes go with the hold-down time.
   */
  readonly linkDown: (account: AccountId) => void
  /** The routes that are in use, in no order: the best of each prefix. */
  readonly routes: () => readonly BestRoute[]
}

/**
 * Exchanges routes with peers (CCP), and keeps the best of each prefix in the table: static routes first, then those to
 * customers, peers and parents, the shorter first; when one goes, the next best takes its place at once.
 * @throws RangeError when an option is out of its range
 */
export function createCcp<A extends CcpAccount>(deps: CcpDeps<A>, options: Partial<CcpOptions> = {}): Ccp<A> {
  const manager = new RouteManager(deps, checkOptions(options))
  const life = lifecycle({
    start: async () => manager.start(),
    stop: async () => manager.stop(),
  })
  return {
    ...life,
    middleware: inner => ({
      start: life.start,
      stop: life.stop,
      ready: inner.ready,
      call: request => {
        const { destination } = request.prepare
        if (destination === UPDATE_ADDRESS) return Promise.resolve(answer(manager, request, takeUpdate))
        if (destination === CONTROL_ADDRESS) return Promise.resolve(answer(manager, request, takeControl))
        return inner.call(request)
      },
    }),
    linkUp: account => manager.linkUp(account),
    linkDown: account => manager.linkDown(account),
    routes: () => [...manager.routes.all()],
  }
}

/** Takes a request of a peer; returns what is wrong with it. */
type Take = <A extends CcpAccount>(
  manager: RouteManager<A>,
  peer: Peer,
  request: IncomingRequest<A>,
) => string | undefined

function answer<A extends CcpAccount>(
  manager: RouteManager<A>,
  request: IncomingRequest<A>,
  take: Take,
): Reply {
  const { address } = manager
  if (address === '') return peerUnreachable(address, 'this node does not know its own address yet')
  const peer = manager.peer(request.from.id)
  if (!peer) return badRequest(address, 'no routes are exchanged with this account')
  try {
    const wrong = take(manager, peer, request)
    return wrong === undefined ? ccpResponse() : badRequest(address, wrong)
  } catch (error) {
    if (error instanceof InvalidCcpError) return badRequest(address, error.message)
    throw error
  }
}

const takeControl: Take = (_, { announcer, listener }, { prepare }) => {
  if (!announcer) return 'this account is told no routes'
  const control = readControl(prepare)
  announcer.asked(control)
  listener?.asked(control)
  return undefined
}

const takeUpdate: Take = (manager, peer, { prepare }) => {
  const { announcer, listener } = peer
  if (!listener) return 'no routes are taken of this account'
  const update = readUpdate(prepare)
  const wasSilent = listener.isSilent
  const changes = listener.heard(update)
  announcer?.spoken()
  if (wasSilent) manager.heard()
  if (!changes) return `updates before epoch ${update.fromEpoch} are missing`
  manager.learn(peer, changes)
  return undefined
}
