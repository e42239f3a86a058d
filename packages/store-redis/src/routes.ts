import type { AccountId } from '@ilp/service-core'
import { Feed, type RouteChange, type RouteStore, type StaticRoute } from '@ilp/store-traits'
import type { Backend } from './backend.js'
import type { Keys } from './keys.js'
import { SET_FIELD } from './lua/directory.js'
import type { Fields, Part } from './part.js'

/** The static routes, as they are held in memory. */
export class Routes implements Part {
  readonly hashes: readonly string[]
  readonly byPrefix = new Map<string, StaticRoute>()
  readonly feed = new Feed<RouteChange>()

  constructor({ routes }: Keys) {
    this.hashes = [routes]
  }

  load([routes = new Map()]: readonly Fields[]): () => void {
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

export function redisRoutes(backend: Backend, keys: Keys, routes: Routes): RouteStore {
  return {
    all: () => {
      backend.check()
      return [...routes.byPrefix.values()]
    },
    put: async ({ prefix, account }) => {
      await backend.change(SET_FIELD, [keys.routes], [prefix, account], ['routes', prefix, account])
    },
    remove: async prefix => {
      await backend.change(SET_FIELD, [keys.routes], [prefix], ['routes', prefix])
    },
    watch: backend.watch(routes.feed),
  }
}
