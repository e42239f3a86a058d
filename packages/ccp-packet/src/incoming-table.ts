import { NO_TABLE } from './fields.js'
import type { AdvertisedRoute, RouteUpdate } from './update.js'

/** What is kept of a route that a peer has told. */
export type LearnedRoute = Pick<AdvertisedRoute, 'path' | 'auth'>

/** Prefixes whose routes have changed, with what they are now; undefined for those that are gone. */
export type RouteChanges = ReadonlyMap<string, LearnedRoute | undefined>

export interface IncomingTableOptions {
  /** Routes that are kept; those beyond are dropped. */
  readonly routesMax: number
}

/** The routing table of one peer, as this peer has told it. */
export class IncomingTable {
  #tableId = NO_TABLE
  #epoch = 0
  readonly #routesMax: number
  readonly #routes = new Map<string, LearnedRoute>()
  /** Prefixes that were told of a former table, or before a restart, and not since. */
  readonly #stale = new Set<string>()

  constructor({ routesMax }: IncomingTableOptions) {
    this.#routesMax = routesMax
  }

  /** The peer's table, as far as it is known: what a route control request says. */
  get known(): { readonly tableId: string; readonly epoch: number } {
    return { tableId: this.#tableId, epoch: this.#epoch }
  }

  /** The number of routes. */
  get size(): number {
    return this.#routes.size
  }

  /** The prefixes of all routes, in no order. */
  prefixes(): Iterable<string> {
    return this.#routes.keys()
  }

  /**
   * Takes what an update says, and returns what has changed by it; undefined when an earlier update is missing, so
   * that the peer has to be asked. A route that is not acceptable is none, and ends the one that its prefix had. The
   * routes of a former table stay until the new one has been told whole, so that a peer's restart interrupts nothing.
   */
  apply(update: RouteUpdate, isAcceptable: (route: AdvertisedRoute) => boolean): RouteChanges | undefined {
    const changes = new Map<string, LearnedRoute | undefined>()
    if (update.tableId !== this.#tableId) this.restart(update.tableId)
    if (update.fromEpoch > this.#epoch) return undefined
    if (update.toEpoch < this.#epoch) return changes
    this.#epoch = update.toEpoch
    for (const prefix of update.withdrawn) this.#remove(prefix, changes)
    for (const route of update.newRoutes) {
      if (isAcceptable(route)) this.#put(route, changes)
      else this.#remove(route.prefix, changes)
    }
    if (update.toEpoch >= update.currentEpoch) for (const prefix of this.#stale) this.#remove(prefix, changes)
    return changes
  }

  /** Forgets what is known of the peer's table but for its routes, which stay until they are told again or not. */
  restart(tableId = NO_TABLE): void {
    this.#tableId = tableId
    this.#epoch = 0
    for (const prefix of this.#routes.keys()) this.#stale.add(prefix)
  }

  /** Drops what is not acceptable any more, and returns what. */
  review(isAcceptable: (route: LearnedRoute & { readonly prefix: string }) => boolean): RouteChanges {
    const changes = new Map<string, undefined>()
    for (const [prefix, route] of this.#routes)
      if (!isAcceptable({ prefix, ...route })) this.#remove(prefix, changes)
    return changes
  }

  #put({ prefix, path, auth }: AdvertisedRoute, changes: Map<string, LearnedRoute | undefined>): void {
    const former = this.#routes.get(prefix)
    if (!former && this.#routes.size >= this.#routesMax) {
      const [stale] = this.#stale
      if (stale === undefined) return
      this.#remove(stale, changes)
    }
    this.#stale.delete(prefix)
    if (former && isSame(former, path, auth)) return
    // A copy: the view would keep the whole packet.
    const route = { path, auth: Uint8Array.from(auth) }
    this.#routes.set(prefix, route)
    changes.set(prefix, route)
  }

  #remove(prefix: string, changes: Map<string, LearnedRoute | undefined>): void {
    this.#stale.delete(prefix)
    if (this.#routes.delete(prefix)) changes.set(prefix, undefined)
  }
}

const isSame = (route: LearnedRoute, path: readonly string[], auth: Uint8Array): boolean =>
  route.path.length === path.length &&
  route.path.every((address, i) => address === path[i]) &&
  Buffer.compare(route.auth, auth) === 0
