import { createListener, type ListenerOptions } from '@ilp/listener'
import { type Lifecycle, type Logger, type OutgoingRequest, type Service, sequence } from '@ilp/service-core'
import { settlementServer } from '@ilp/settlement'
import type { Store } from '@ilp/store-traits'
import { type ConnectorAccount, ownAccount } from './account.js'
import type { Config } from './config/schema.js'

export interface SettlementFaceDeps {
  readonly store: Store<ConnectorAccount>
  readonly outgoing: Pick<Service<OutgoingRequest<ConnectorAccount>>, 'call'>
  readonly logger: Logger
}

export interface SettlementFace extends Partial<Lifecycle> {
  /** Where it listens, once it has started; undefined where the configuration has no `settlementListen`. */
  readonly url: () => string | undefined
}

const PEER_TIMEOUT_MS = 8_000

/** The listener for settlement engines (RFC 38), which nobody else is to reach. */
export function settlementFace(
  { settlementListen, settlementToken: token, allowVolatileSettlement, expiry }: Config,
  { store, outgoing, logger }: SettlementFaceDeps,
  options: Partial<ListenerOptions>,
): SettlementFace {
  if (!settlementListen) return { url: () => undefined }
  const listener = createListener({ ...settlementListen, logger }, options)
  const server = settlementServer<ConnectorAccount>(
    { listener, accounts: store.accounts, store, outgoing, selfFor: ownAccount, token, logger },
    // The time that `expiry` takes off is for the way back of packets that others wait for.
    { messageTimeoutMs: PEER_TIMEOUT_MS + expiry.minMessageWindowMs, allowVolatileSettlement },
  )
  return { ...sequence([server, listener]), url: listener.url }
}
