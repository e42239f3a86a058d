import type { AccountId } from '@ilp/service-core'
import { Feed, type RouteChange, type RouteStore, type StaticRoute } from '@ilp/store-traits'
import type { Disk } from './disk.js'
import type { Flusher } from './flusher.js'
import type { Handle } from './handle.js'
import { KIND, keyOf } from './keys.js'

/** The static routes in memory, and the way to the disk, where the account's id is the value. */
export class Routes {
  readonly byPrefix = new Map<string, StaticRoute>()
  readonly feed = new Feed<RouteChange>()

  load(disk: Disk): void {
    for (const [prefix, value] of disk.read(KIND.route)) this.#set(prefix, value.toString() as AccountId)
  }

  /** Leads a prefix to an account, or nowhere. */
  async lead(flusher: Flusher, prefix: string, account: AccountId | undefined): Promise<void> {
    const former = this.byPrefix.get(prefix)?.account
    if (account === undefined && former === undefined) return
    await flusher.write([{ key: keyOf(KIND.route, prefix), value: encode(account), former: encode(former) }])
    this.#set(prefix, account)
    this.feed.announce({ prefix, account })
  }

  #set(prefix: string, account: AccountId | undefined): void {
    if (account === undefined) this.byPrefix.delete(prefix)
    else this.byPrefix.set(prefix, Object.freeze({ prefix, account }))
  }
}

const encode = (account: AccountId | undefined): Buffer | undefined =>
  account === undefined ? undefined : Buffer.from(account)

export function lmdbRoutes(handle: Handle, routes: Routes): RouteStore {
  return {
    all: () => {
      handle.check()
      return [...routes.byPrefix.values()]
    },
    put: ({ prefix, account }) => handle.change(flusher => routes.lead(flusher, prefix, account)),
    remove: prefix => handle.change(flusher => routes.lead(flusher, prefix, undefined)),
    watch: handle.watch(routes.feed),
  }
}
