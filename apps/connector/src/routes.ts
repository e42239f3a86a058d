import type { RoutingTable } from '@ilp/router'
import type { AccountId, Lifecycle } from '@ilp/service-core'
import type { Store } from '@ilp/store-traits'
import { addressOf, type ConnectorAccount } from './account.js'

type Sources = Pick<Store<ConnectorAccount>, 'accounts' | 'address' | 'routes'>

export interface RoutesDeps {
  readonly store: Sources
  readonly table: RoutingTable
}

/**
 * Keeps the routing table as the store has it: everything to the parent, each account's own address to the account,
 * and static routes, which win over both.
 */
export function routes({ store, table }: RoutesDeps): Lifecycle {
  const follow = () => {
    const current = currentRoutes(store)
    for (const [prefix] of [...table.entries()]) if (!current.has(prefix)) table.remove(prefix)
    for (const [prefix, account] of current) table.put(prefix, account)
  }
  let endings: readonly (() => void)[] = []
  return {
    start: async () => {
      endings = [store.accounts.watch(follow), store.address.watch(follow), store.routes.watch(follow)]
      follow()
    },
    stop: async () => {
      for (const end of endings) end()
    },
  }
}

function currentRoutes({ accounts, address, routes }: Sources): Map<string, AccountId> {
  const found = new Map<string, AccountId>()
  for (const account of accounts.all()) {
    if (account.isDisabled) continue
    if (account.relation === 'parent') found.set('', account.id)
    const own = addressOf(account, address.get())
    if (own !== undefined) found.set(own, account.id)
  }
  for (const { prefix, account } of routes.all()) found.set(prefix, account)
  return found
}
