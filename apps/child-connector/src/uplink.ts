import type { BtpPool } from '@ilp/btp-pool'
import { createAddressLearner, fetchConfiguration } from '@ilp/ildcp'
import type { RoutingTable } from '@ilp/router'
import type { AccountId, Disposable, Logger, OutgoingRequest, Service } from '@ilp/service-core'
import type { AddressStore } from '@ilp/store-traits'
import { type ChildAccount, selfAccount } from './accounts.js'

export interface AddressDeps {
  readonly parent: ChildAccount
  readonly locals: readonly ChildAccount[]
  readonly outgoing: Pick<Service<OutgoingRequest<ChildAccount>>, 'call'>
  readonly address: AddressStore
  readonly table: RoutingTable
  readonly logger: Logger
}

export interface LearnedAddress extends Disposable {
  /** Resolves with the first address that the parent tells. */
  readonly first: Promise<string>
  /** Asks now: the link to the parent has come up, and its address may be another one. */
  readonly askNow: () => void
}

const PARENT_TIMEOUT_MS = 6_000

/** Learns this node's address from the parent (IL-DCP), and routes by it. */
export function learnedAddress(deps: AddressDeps): LearnedAddress {
  const { parent, outgoing, address, logger } = deps
  const self = selfAccount(parent.asset)
  let resolve!: (address: string) => void
  const first = new Promise<string>(done => {
    resolve = done
  })
  const learner = createAddressLearner({
    fetch: () => fetchConfiguration(outgoing, { self, parent, timeoutMs: PARENT_TIMEOUT_MS }),
    learned: async told => {
      const { code, scale } = parent.asset
      if (told.asset.code !== code || told.asset.scale !== scale) {
        throw new Error(`the parent counts in ${told.asset.code}/${told.asset.scale}, not ${code}/${scale}`)
      }
      if (told.address === address.get()) return
      await address.set(told.address)
      routeAt(told.address, self.id, deps)
      logger.info({ address: told.address }, 'the parent has told this node its address')
      resolve(told.address)
    },
    logger,
  })
  return { ...learner, first }
}

/** To each account of this node, nowhere for the rest of its own addresses, and to the parent for all others. */
function routeAt(address: string, nowhere: AccountId, { table, parent, locals }: AddressDeps): void {
  for (const [prefix] of [...table.entries()]) table.remove(prefix)
  table.put('', parent.id)
  table.put(address, nowhere)
  for (const { id, username } of locals) table.put(`${address}.${username}`, id)
}

/** The pool, which tells of sessions that have come up. */
export const telling = (pool: BtpPool, linkUp: () => void): BtpPool => ({
  ...pool,
  add: (account, port) => {
    const link = pool.add(account, port)
    linkUp()
    return link
  },
})
