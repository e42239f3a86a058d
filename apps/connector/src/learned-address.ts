import { createAddressLearner, fetchConfiguration } from '@ilp/ildcp'
import type { AccountId, Lifecycle, Logger, OutgoingRequest, Service } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import { type ConnectorAccount, ownAccount } from './account.js'
import type { Config } from './config/schema.js'

export interface LearnedAddressDeps {
  readonly store: Pick<Store<ConnectorAccount>, 'accounts' | 'address'>
  readonly outgoing: Pick<Service<OutgoingRequest<ConnectorAccount>>, 'call'>
  readonly logger: Logger
}

export interface LearnedAddress extends Partial<Lifecycle> {
  /** To be told of links that have come up: the parent may have changed its address while there was none. */
  readonly linkUp: (account: AccountId) => void
  /** To be told of accounts whose peers have changed, as `CcpDeps.onPeerChanged` is. */
  readonly peerChanged: (account: AccountId) => void
}

const PARENT_TIMEOUT_MS = 5_000

/** Learns this node's ILP address from its parent (IL-DCP), where the configuration has none. */
export function learnedAddress(
  config: Config,
  { store, outgoing, logger }: LearnedAddressDeps,
): LearnedAddress {
  if (config.ilpAddress !== undefined) return { linkUp: () => {}, peerChanged: () => {} }
  const parent = () => {
    const found = store.accounts.all().find(account => account.relation === 'parent' && !account.isDisabled)
    if (!found) throw new Error('there is no parent account')
    return found
  }
  // The time that `expiry` takes off is for the way back of packets that others wait for.
  const timeoutMs = PARENT_TIMEOUT_MS + config.expiry.minMessageWindowMs
  const learner = createAddressLearner({
    fetch: () => {
      const to = parent()
      return fetchConfiguration(outgoing, { self: ownAccount(to), parent: to, timeoutMs })
    },
    learned: async ({ address }) => {
      if (address === store.address.get()) return
      logger.info({ address }, 'the parent has told this node its address')
      await store.address.set(address)
    },
    logger,
  })
  const askIfParent = (account: AccountId) => {
    if (store.accounts.get(account)?.relation === 'parent') learner.askNow()
  }
  return { start: learner.start, stop: learner.stop, linkUp: askIfParent, peerChanged: askIfParent }
}
