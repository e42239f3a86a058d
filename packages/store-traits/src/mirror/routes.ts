import type { AccountId } from '@ilp/service-core'
import { Feed } from '../feed.js'
import type { RouteChange, RouteStore, StaticRoute } from '../routes.js'
import type { Subscriptions } from '../subscriptions.js'
import type { MirrorBackend, Tables } from './backend.js'
import type { Copy } from './copy.js'
import type { Part } from './part.js'

/** The static routes, as they are held in memory. */
export class Routes implements Part {
  readonly byPrefix = new Map<string, StaticRoute>()
  readonly feed = new Feed<RouteChange>()

  load({ routes }: Tables): () => void {
    const gone = [...this.byPrefix.keys()].filter(prefix => !routes.has(prefix))
    const changed = [...routes].filter(([prefix, account]) => this.byPrefix.get(prefix)?.account !== account)
    for (const prefix of gone) this.byPrefix.delete(prefix)
    for (const [prefix, account] of changed) this.#put(prefix, account as AccountId)
    return () => {
      for (const prefix of gone) this.feed.announce({ prefix, account: undefined })
      for (const [prefix, account] of changed) this.feed.announce({ prefix, account: account as AccountId })
    }
  }

  apply(change: readonly unknown[]): void {
    const [prefix, account] = change as [string, AccountId | undefined]
    if (account === undefined) this.byPrefix.delete(prefix)
    else this.#put(prefix, account)
    this.feed.announce({ prefix, account })
  }

  #put(prefix: string, account: AccountId): void {
    this.byPrefix.set(prefix, Object.freeze({ prefix, account }))
  }
}

export function mirroredRoutes(
  routes: Routes,
  copy: Copy,
  backend: MirrorBackend,
  subscriptions: Subscriptions,
): RouteStore {
  return {
    all: () => {
      copy.check()
      return [...routes.byPrefix.values()]
    },
    put: async ({ prefix, account }) => {
      await copy.change(['routes', prefix, account], change =>
        backend.setText('routes', prefix, account, change),
      )
    },
    remove: async prefix => {
      await copy.change(['routes', prefix], change => backend.setText('routes', prefix, undefined, change))
    },
    watch: subscriptions.watch(routes.feed),
  }
}
