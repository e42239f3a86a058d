import { type Pinger, type PingOptions, type PingResult, pinger } from '@ilp/ping'
import type { AccountId, IncomingRequest, OutgoingRequest, Pass, Reply } from '@ilp/service-core'
import type { AccountStore } from '@ilp/store-traits'
import { addressOf, type ConnectorAccount, ownAccount } from './account.js'

export interface PingsDeps {
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly accounts: Pick<AccountStore<ConnectorAccount>, 'get'>
  /** The head of the chain. */
  readonly call: (request: IncomingRequest<ConnectorAccount>) => Promise<Reply>
}

/** Pings from accounts of this node. */
export interface Pings {
  /**
   * Sends a packet that comes back to the account, which is a local one.
   * @throws what a `Pinger` throws
   */
  readonly echo: (from: ConnectorAccount, to: string, options: Partial<PingOptions>) => Promise<PingResult>
  /** Sends one that nobody can fulfill: from an account, or from the node itself. */
  readonly probe: (
    from: ConnectorAccount | undefined,
    to: string,
    options: Partial<PingOptions>,
  ) => Promise<PingResult>
  /** Fulfills echoes that come back, and passes all other packets on. Stands where local accounts' packets end. */
  readonly pongs: Pass<OutgoingRequest<ConnectorAccount>>
}

/** Probes of the node itself carry nothing: ISO 4217's code for no currency. */
const NO_ASSET = { code: 'XXX', scale: 0 }

export function createPings({ address, accounts, call }: PingsDeps): Pings {
  const pingers = new Map<AccountId, Pinger>()
  const send = (id: AccountId) => (prepare: IncomingRequest['prepare']) => {
    const from = accounts.get(id)
    if (!from) throw new Error('the account is gone')
    return call({ from, prepare })
  }
  const source = (id: AccountId) => () => {
    const from = accounts.get(id)
    return from && addressOf(from, address() || undefined)
  }
  const pingerOf = ({ id }: ConnectorAccount): Pinger => {
    const known = pingers.get(id) ?? pinger({ send: send(id), source: source(id) })
    pingers.set(id, known)
    return known
  }
  const own = pinger({
    send: prepare => call({ from: ownAccount({ asset: NO_ASSET }), prepare }),
    source: () => undefined,
  })
  return {
    echo: (from, to, options) => pingerOf(from).echo(to, options),
    probe: (from, to, options) => (from ? pingerOf(from) : own).probe(to, options),
    pongs: inner => {
      const layers = new WeakMap<Pinger, typeof inner>()
      const layerOf = (ours: Pinger) => {
        const known = layers.get(ours) ?? ours.pongs(inner)
        layers.set(ours, known)
        return known
      }
      return {
        ready: inner.ready,
        call: request => {
          const ours = pingers.get(request.to.id)
          return ours ? layerOf(ours).call(request) : inner.call(request)
        },
      }
    },
  }
}
