import type { AccountId } from '@ilp/service-core'
import type { Watch } from './watch.js'

/** Packets for addresses that begin with `prefix` go to `account`, whatever the peers advertise. */
export interface StaticRoute {
  readonly prefix: string
  readonly account: AccountId
}

export interface RouteChange {
  readonly prefix: string
  /** The account that it leads to now; undefined when the route was removed. */
  readonly account: AccountId | undefined
}

/** Static routes, at most one for a prefix, all of them in memory once the store has started. */
export interface RouteStore {
  readonly all: () => readonly StaticRoute[]
  /** Creates the route, or leads its prefix elsewhere. */
  readonly put: (route: StaticRoute) => Promise<void>
  /** No effect when there is none. */
  readonly remove: (prefix: string) => Promise<void>
  readonly watch: Watch<RouteChange>
}
