import {
  type AdvertisedRoute,
  advertised,
  BestRoutes,
  type Candidate,
  isAcceptable,
  isTold,
  type RouteChanges,
} from '@ilp/ccp-packet'
import type { AccountId, Prepare, Reply } from '@ilp/service-core'
import { Announcer } from './announcer.js'
import type { CcpAccount, CcpDeps } from './deps.js'
import { Listener } from './listener.js'
import type { CcpOptions } from './options.js'
import { isSameRoute, type Neighbour, ownRoutes } from './own-routes.js'
import { isSameTerms, type Peer, type PeerTerms, termsOf } from './peer.js'

/** The source of this node's own routes; accounts' ids are the other ones. */
const OWN = ''

/** Knows all routes and peers; keeps the table, and has peers told what has changed. */
export class RouteManager<A extends CcpAccount> {
  readonly #deps: CcpDeps<A>
  readonly #options: CcpOptions
  readonly #routes = new BestRoutes()
  /** The best routes as they are told to others. */
  readonly #advertised = new Map<string, AdvertisedRoute>()
  #own = new Map<string, Candidate>()
  #address = ''
  /** The accounts as they are now. */
  #accounts: ReadonlyMap<AccountId, A> = new Map()
  readonly #peers = new Map<AccountId, Peer>()
  readonly #linksDown = new Set<AccountId>()
  #endings: readonly (() => void)[] = []
  #isRunning = false

  constructor(deps: CcpDeps<A>, options: CcpOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** This node's ILP address as peers know it; empty while it has none. */
  get address(): string {
    return this.#address
  }

  get routes(): BestRoutes {
    return this.#routes
  }

  peer(id: AccountId): Peer | undefined {
    return this.#peers.get(id)
  }

  start(): void {
    const { accounts, address, staticRoutes } = this.#deps
    this.#isRunning = true
    this.#endings = [accounts, address, staticRoutes].map(({ watch }) => watch(this.#follow))
    this.#follow()
  }

  stop(): void {
    this.#isRunning = false
    for (const end of this.#endings) end()
    for (const peer of this.#peers.values()) stopPeer(peer)
  }

  linkUp(id: AccountId): void {
    if (this.#linksDown.delete(id)) this.#follow()
    else this.#peers.get(id)?.listener?.ask()
  }

  linkDown(id: AccountId): void {
    if (this.#linksDown.has(id)) return
    this.#linksDown.add(id)
    this.#follow()
  }

  /** Takes what a peer has told. */
  learn({ id, relation }: Peer, changes: RouteChanges): void {
    const changed: string[] = []
    for (const [prefix, route] of changes) {
      const candidate =
        route && ({ prefix, account: id, relation, origin: 'learned', isDown: false, ...route } as const)
      if (this.#routes.put(id, prefix, candidate)) changed.push(prefix)
    }
    this.#publish(changed)
  }

  /** A peer that was silent has been heard: its own address is reached again. */
  heard(): void {
    this.#follow()
  }

  /** Brings everything to what the accounts, the address, the static routes and the links are now. */
  readonly #follow = (): void => {
    if (!this.#isRunning) return
    this.#accounts = new Map(this.#deps.accounts.all().map(account => [account.id, account]))
    const address = this.#deps.address.get() ?? ''
    const isMoved = address !== this.#address
    this.#address = address
    this.#followAccounts()
    if (isMoved) this.#restartListeners()
    const changed = this.#followOwnRoutes()
    // Whatever is told begins with the own address.
    if (isMoved) changed.push(...this.#advertised.keys(), ...this.#routes.prefixes())
    this.#publish(changed)
  }

  #followAccounts(): void {
    const terms = new Map<AccountId, PeerTerms>()
    for (const account of this.#accounts.values()) {
      const found = termsOf(account, this.#deps.addressOf(account))
      if (found && !this.#linksDown.has(account.id)) terms.set(account.id, found)
    }
    const former = new Map(this.#peers)
    for (const peer of former.values()) {
      const now = terms.get(peer.id)
      if (!now || !isSameTerms(peer, now)) this.#drop(peer)
    }
    for (const [id, found] of terms)
      if (!this.#peers.has(id)) this.#peers.set(id, this.#peerOf(id, found, former.get(id)))
  }

  #drop(peer: Peer): void {
    stopPeer(peer)
    this.#peers.delete(peer.id)
    const gone = [...(peer.listener?.prefixes() ?? [])]
    this.#publish(gone.filter(prefix => this.#routes.put(peer.id, prefix, undefined)))
  }

  #restartListeners(): void {
    for (const peer of this.#peers.values()) if (peer.listener) this.learn(peer, peer.listener.restart())
  }

  #followOwnRoutes(): string[] {
    const { addressOf, staticRoutes, secret } = this.#deps
    const neighbours = [...this.#accounts.values()].map(
      (account): Neighbour => ({
        id: account.id,
        relation: account.relation,
        address: addressOf(account),
        isDown: this.#linksDown.has(account.id) || (this.#peers.get(account.id)?.listener?.isSilent ?? false),
      }),
    )
    const former = this.#own
    this.#own = ownRoutes({
      address: this.#address,
      neighbours,
      staticRoutes: staticRoutes.all(),
      secret,
    })
    const changed: string[] = []
    const put = (prefix: string, candidate: Candidate | undefined) => {
      if (this.#routes.put(OWN, prefix, candidate)) changed.push(prefix)
    }
    for (const prefix of former.keys()) if (!this.#own.has(prefix)) put(prefix, undefined)
    for (const [prefix, candidate] of this.#own)
      if (!isSameRoute(candidate, former.get(prefix))) put(prefix, candidate)
    return changed
  }

  /** Brings the best routes of these prefixes into the table, and has peers told of them. */
  #publish(prefixes: readonly string[]): void {
    if (prefixes.length === 0) return
    const { table } = this.#deps
    for (const prefix of prefixes) {
      const best = this.#routes.get(prefix)
      if (best?.account === undefined) table.remove(prefix)
      else table.put(prefix, best.account)
      const route = best && this.#address !== '' ? advertised(best, this.#address) : undefined
      if (route) this.#advertised.set(prefix, route)
      else this.#advertised.delete(prefix)
    }
    for (const { announcer } of this.#peers.values()) announcer?.changed(prefixes)
  }

  /** @param former the peer under the terms before these: it has not been asleep, and what it wants stays */
  #peerOf(id: AccountId, terms: PeerTerms, former: Peer | undefined): Peer {
    const { relation } = terms
    const address = () => this.#address
    const send = (prepare: Prepare) => this.#send(id, prepare)
    const routeFor = (prefix: string) => {
      const best = this.#routes.get(prefix)
      return best && isTold(best, { id, relation }) ? this.#advertised.get(prefix) : undefined
    }
    const prefixes = () => this.#advertised.keys()
    const isTaken = (route: Parameters<typeof isAcceptable>[0]) =>
      isAcceptable(route, terms, { own: this.#address, pathMax: this.#options.pathMax })
    const silent = (gone: RouteChanges) => {
      this.#deps.logger.warn(
        { account: id, routes: gone.size },
        'a peer has gone silent: its routes are dropped',
      )
      this.learn(peer, gone)
      this.#follow()
    }
    const changed = () => this.#deps.onPeerChanged?.(id)
    const isWanted = former?.announcer?.isWanted ?? false
    // A child may be a mere client: it is left alone until it has shown that it speaks the protocol.
    const isAsking = relation !== 'child' || (former?.listener?.isAsking ?? false)
    const peer: Peer = {
      id,
      ...terms,
      announcer: terms.sendRoutes
        ? new Announcer({ address, send, routeFor, prefixes }, this.#options, isWanted)
        : undefined,
      listener: terms.receiveRoutes
        ? new Listener({ address, send, isAcceptable: isTaken, changed, silent }, this.#options, isAsking)
        : undefined,
    }
    return peer
  }

  async #send(id: AccountId, prepare: Prepare): Promise<Reply | undefined> {
    const { outgoing, ownAccount, logger } = this.#deps
    const to = this.#accounts.get(id)
    if (!to) return undefined
    try {
      return await outgoing.call({ from: ownAccount(to), to, incomingAmount: 0n, prepare })
    } catch (error) {
      logger.error({ err: error, account: id }, 'the outgoing chain threw instead of answering')
      return undefined
    }
  }
}

function stopPeer({ announcer, listener }: Peer): void {
  announcer?.stop()
  listener?.stop()
}
