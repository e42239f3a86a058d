import {
  type AccountId,
  accountId,
  type IncomingRequest,
  type Relation,
  type Reply,
  type Service,
} from '@ilp/service-core'
import { fulfillingService, recordingLogger, testReject } from '@ilp/service-testing'
import { Feed, type StaticRoute } from '@ilp/store-traits'
import { type Ccp, type CcpAccount, type CcpOptions, createCcp } from '../src/index.js'

export interface NodeAccount extends CcpAccount {
  readonly ilpAddress?: string | undefined
}

/** How the second of two nodes is seen by the first. */
export type LinkRelation = Exclude<Relation, 'local'>

const OPPOSITE: Record<LinkRelation, LinkRelation> = { child: 'parent', parent: 'child', peer: 'peer' }

/** A link between two nodes: what is sent on it arrives a little later, or never. */
export interface Link {
  isUp: boolean
  /** Whether a packet gets through; all do unless set. */
  isLost: () => boolean
}

const LATENCY_MS = 5

/** A node of a virtual network: the route manager as it is, stores and transports in memory. */
export class Node {
  readonly logger = recordingLogger()
  /** What the router would have. */
  readonly table = new Map<string, AccountId>()
  readonly links = new Map<AccountId, { readonly to: Node; readonly link: Link }>()
  readonly accounts = new Map<AccountId, NodeAccount>()
  readonly staticRoutes: StaticRoute[] = []
  /** Destinations of the packets that it has sent. */
  sent: string[] = []
  readonly #changes = new Feed<'changed'>()
  ccp: Ccp<NodeAccount>
  #service: Service<IncomingRequest<NodeAccount>>

  constructor(
    readonly name: string,
    public address: string | undefined,
    readonly options: Partial<CcpOptions>,
  ) {
    this.ccp = this.#make()
    this.#service = this.ccp.middleware(fulfillingService())
  }

  #make(): Ccp<NodeAccount> {
    const watch = (listener: () => void) => this.#changes.subscribe(listener)
    return createCcp<NodeAccount>(
      {
        outgoing: { call: ({ to, prepare }) => this.#send(to.id, prepare) },
        ownAccount: () => ({ id: accountId('self'), relation: 'local' }),
        accounts: { all: () => [...this.accounts.values()], watch },
        addressOf: ({ ilpAddress }) => ilpAddress,
        address: { get: () => this.address, watch },
        staticRoutes: { all: () => this.staticRoutes, watch },
        table: {
          put: (prefix, account) => void this.table.set(prefix, account),
          remove: prefix => void this.table.delete(prefix),
        },
        secret: Buffer.from(this.name.padEnd(32)),
        logger: this.logger,
      },
      this.options,
    )
  }

  /** Tells that an account, a static route, or the address has changed. */
  announce(): void {
    this.#changes.announce('changed')
  }

  /** Starts over with nothing known. */
  async restart(): Promise<void> {
    await this.ccp.stop()
    this.table.clear()
    this.ccp = this.#make()
    this.#service = this.ccp.middleware(fulfillingService())
    for (const [id, { link }] of this.links) if (!link.isUp) this.ccp.linkDown(id)
    await this.ccp.start()
  }

  call(request: IncomingRequest<NodeAccount>): Promise<Reply> {
    return this.#service.call(request)
  }

  async #send(id: AccountId, prepare: IncomingRequest['prepare']): Promise<Reply> {
    this.sent.push(prepare.destination)
    const { to, link } = this.links.get(id) ?? {}
    if (!to || !link?.isUp) return testReject({ code: 'T01' })
    await later()
    const isLost = link.isLost()
    const from = isLost ? undefined : to.accounts.get(accountId(this.name))
    const reply = from && (await to.call({ from, prepare }))
    await later()
    return reply && link.isUp && !link.isLost() ? reply : testReject({ code: 'R00' })
  }

  /** The account that the longest matching prefix leads to, as a router has it. */
  next(destination: string): AccountId | undefined {
    for (
      let prefix = destination;
      prefix !== '';
      prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))
    ) {
      const account = this.table.get(prefix)
      if (account !== undefined) return account
    }
    return this.table.get('')
  }

  /** The names of the nodes that a packet to this one meets, without the first; undefined if it doesn't arrive. */
  wayTo(other: Node): string[] | undefined {
    const way: string[] = []
    let at: Node | undefined = this
    let from: string | undefined
    while (at !== other) {
      const next: AccountId | undefined = at.next(other.address ?? '')
      const hop: { readonly to: Node; readonly link: Link } | undefined = next && at.links.get(next)
      if (!hop?.link.isUp || hop.to.name === from) return undefined
      if (way.includes(hop.to.name)) throw new Error(`a loop: ${this.name} ${way.join(' ')} ${hop.to.name}`)
      from = at.name
      at = hop.to
      way.push(at.name)
    }
    return way
  }
}

const later = () => new Promise<void>(resolve => setTimeout(resolve, LATENCY_MS))

export class Network {
  readonly nodes: Node[] = []

  constructor(readonly options: Partial<CcpOptions> = {}) {}

  node(name: string, address = `test.${name}`): Node {
    const node = new Node(name, address, this.options)
    this.nodes.push(node)
    return node
  }

  /** Links two nodes: `two` is what `relation` says to `one`. Neither knows the other's address but of its children. */
  link(one: Node, two: Node, relation: LinkRelation = 'peer'): Link {
    const link: Link = { isUp: true, isLost: () => false }
    for (const [from, to, is] of [
      [one, two, relation],
      [two, one, OPPOSITE[relation]],
    ] as const) {
      const id = accountId(to.name)
      const ilpAddress = is === 'child' ? to.address : undefined
      from.accounts.set(id, { id, relation: is, ilpAddress })
      from.links.set(id, { to, link })
    }
    return link
  }

  async start(): Promise<void> {
    for (const node of this.nodes) await node.ccp.start()
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.ccp.stop()
  }

  /** Takes a link down or up, which both ends notice. */
  setLink(one: Node, two: Node, isUp: boolean): void {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const found = from.links.get(accountId(to.name))
      if (found) found.link.isUp = isUp
      const { ccp } = from
      if (isUp) ccp.linkUp(accountId(to.name))
      else ccp.linkDown(accountId(to.name))
    }
  }
}
