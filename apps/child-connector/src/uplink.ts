import { createAddressLearner, fetchConfiguration } from '@ilp/ildcp'
import type { Disposable, Logger, OutgoingRequest, Service } from '@ilp/service-core'
import type { AddressStore } from '@ilp/store-traits'
import { type ChildAccount, selfAccount } from './accounts.js'

export interface LearnedAddressDeps {
  readonly parent: ChildAccount
  readonly outgoing: Pick<Service<OutgoingRequest<ChildAccount>>, 'call'>
  readonly address: AddressStore
  readonly logger: Logger
}

export interface LearnedAddress extends Disposable {
  /** Resolves with the first address that the parent tells. */
  readonly first: Promise<string>
  /** Asks now: the parent's address may be another one, since its link has come up, or since it says so. */
  readonly askNow: () => void
}

const PARENT_TIMEOUT_MS = 6_000

/** Learns this node's address from the parent (IL-DCP). */
export function learnedAddress({ parent, outgoing, address, logger }: LearnedAddressDeps): LearnedAddress {
  const self = selfAccount(parent)
  let resolve!: (address: string) => void
  const first = new Promise<string>(done => {
    resolve = done
  })
  const learner = createAddressLearner({
    fetch: () => fetchConfiguration(outgoing, { self, parent, timeoutMs: PARENT_TIMEOUT_MS }),
    learned: async told => {
      if (told.address === address.get()) return
      await address.set(told.address)
      logger.info({ address: told.address }, 'the parent has told this node its address')
      resolve(told.address)
    },
    logger,
  })
  return { ...learner, first }
}
