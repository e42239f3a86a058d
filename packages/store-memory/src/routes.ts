import { Feed, type RouteChange, type RouteStore, type StaticRoute } from '@ilp/store-traits'
import type { Handle } from './handle.js'

/** What a backend keeps of routes. */
export class Routes {
  readonly byPrefix = new Map<string, StaticRoute>()
  readonly feed = new Feed<RouteChange>()
}

export function memoryRoutes(handle: Handle, routes: Routes): RouteStore {
  return {
    all: () => {
      handle.check()
      return [...routes.byPrefix.values()]
    },
    put: async ({ prefix, account }) => {
      handle.check()
      routes.byPrefix.set(prefix, Object.freeze({ prefix, account }))
      routes.feed.announce({ prefix, account })
    },
    remove: async prefix => {
      handle.check()
      if (routes.byPrefix.delete(prefix)) routes.feed.announce({ prefix, account: undefined })
    },
    watch: handle.watch(routes.feed),
  }
}
