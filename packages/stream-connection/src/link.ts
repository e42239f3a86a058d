import {
  type Account,
  type Asset,
  hasPrefix,
  type IncomingRequest,
  type Pass,
  type Prepare,
  type Reply,
  type Service,
} from '@ilp/service-core'

/** Takes a packet; undefined when it is not for this one. */
export type PacketHandler = (prepare: Prepare) => Promise<Reply> | undefined

/** The way by which connections send packets and get them. */
export interface Link {
  /** This end's ILP address; empty while it has none, or when nothing can be received. */
  readonly address: () => string
  /** What amounts on this link are counted in, if that is known. */
  readonly asset: () => Asset | undefined
  /** Settles with the answer. Rejects only on a bug. */
  readonly send: (prepare: Prepare) => Promise<Reply>
  /** From here on the handler gets what comes to `<address>.<segment>` and below. Returns how to end that. */
  readonly attach: (segment: string, handler: PacketHandler) => () => void
  /** From here on the handler gets whatever else comes to addresses below. Returns how to end that. */
  readonly listen: (handler: PacketHandler) => () => void
}

/** Finds the one that a packet is for. */
export class Handlers {
  readonly #address: () => string
  readonly #attached = new Map<string, PacketHandler>()
  readonly #listening = new Set<PacketHandler>()

  constructor(address: () => string) {
    this.#address = address
  }

  readonly attach: Link['attach'] = (segment, handler) => {
    this.#attached.set(segment, handler)
    return () => void this.#attached.delete(segment)
  }

  readonly listen: Link['listen'] = handler => {
    this.#listening.add(handler)
    return () => void this.#listening.delete(handler)
  }

  /** Undefined when the packet is for none of them. */
  find(prepare: Prepare): Promise<Reply> | undefined {
    const { destination } = prepare
    const address = this.#address()
    if (address === '' || !hasPrefix(destination, address)) return undefined
    const [segment = ''] = destination.slice(address.length + 1).split('.', 1)
    const reply = this.#attached.get(segment)?.(prepare)
    if (reply) return reply
    for (const handler of this.#listening) {
      const answer = handler(prepare)
      if (answer) return answer
    }
    return undefined
  }
}

export interface ChainLinkDeps<A extends Account = Account> {
  /** Where packets go: usually the head of a node's chain. Asked for each packet, since the chain holds `layer`. */
  readonly service: () => Pick<Service<IncomingRequest<A>>, 'call'>
  /** The account that the packets come from. */
  readonly from: A
  /** The address under which the chain finds `layer`; without it, nothing is received. */
  readonly address?: () => string
  /** What the account's amounts are counted in. */
  readonly asset?: Asset
}

/** A link into a chain. */
export interface ChainLink extends Link {
  /** The layer that answers packets for the link's connections, and passes on all others. */
  readonly layer: Pass<IncomingRequest>
}

/** A link that sends packets into a chain, and whose layer takes those that the chain has for it. */
export function chainLink<A extends Account>(deps: ChainLinkDeps<A>): ChainLink {
  const { service, from, asset } = deps
  const address = deps.address ?? (() => '')
  const handlers = new Handlers(address)
  return {
    address,
    asset: () => asset,
    send: prepare => service().call({ from, prepare }),
    attach: handlers.attach,
    listen: handlers.listen,
    layer: inner => ({
      ready: inner.ready,
      call: request => handlers.find(request.prepare) ?? inner.call(request),
    }),
  }
}
