import { randomBytes } from 'node:crypto'
import type { RouteControl } from './control.js'
import { type AdvertisedRoute, NEW_ROUTES_MAX, type RouteUpdate, sizeOfRoute, sizeOfText } from './update.js'

/** Prefixes of past updates that are remembered, so that a peer that lost some of them isn't told everything again. */
export const LOG_PREFIXES_MAX = 10_000

const EPOCH_MAX = 0xffff_ffff

/** One update's part of the table. Its fate has to be told with `acknowledged` or `failed` before the next is taken. */
export interface Batch
  extends Pick<
    RouteUpdate,
    'tableId' | 'currentEpoch' | 'fromEpoch' | 'toEpoch' | 'newRoutes' | 'withdrawn'
  > {
  /** @internal */
  readonly generation: number
}

/** What a batch is made of. */
export interface Advertised {
  /** The route that the peer is to be told for a prefix; the same object as long as it is the same route. */
  readonly routeFor: (prefix: string) => AdvertisedRoute | undefined
  /** All prefixes that have a route. */
  readonly prefixes: () => Iterable<string>
  /** Octets that a batch's routes and prefixes may take; no route has more. */
  readonly octetsMax: number
}

interface LogEntry {
  readonly fromEpoch: number
  readonly toEpoch: number
  readonly prefixes: readonly string[]
}

const newTableId = () => randomBytes(16).toString('hex')

/**
 * The routing table that one peer is told: what it knows of it, and what has changed since. Holds no routes of its
 * own but references to those that were told.
 */
export class OutgoingTable {
  #tableId = newTableId()
  #mode: RouteControl['mode'] | undefined
  /** The epoch that the peer has surely reached, and the last one that an update was given. */
  #epoch = 0
  #lastEpoch = 0
  readonly #changed = new Set<string>()
  /** What the peer may have, by prefix; undefined where it isn't known what it has. */
  readonly #told = new Map<string, AdvertisedRoute | undefined>()
  /** The last updates that arrived, oldest first. */
  readonly #log: LogEntry[] = []
  #logged = 0
  /** Whether all has to be told, whatever was told before. */
  #isWhole = true
  /** Counts how often what the peer knows has been corrected: batches from before say nothing any more. */
  #generation = 0

  /** What the peer has asked for; undefined as long as it has not said. */
  get mode(): RouteControl['mode'] | undefined {
    return this.#mode
  }

  /** Whether there may be something to tell. */
  get hasChanges(): boolean {
    return this.#isWhole || this.#changed.size > 0
  }

  /** Notes that the route of a prefix is another one now, or none. */
  changed(prefix: string): void {
    if (!this.#isWhole) this.#changed.add(prefix)
  }

  /** Takes what the peer says of itself. */
  ask({ mode, tableId, epoch }: Pick<RouteControl, 'mode' | 'tableId' | 'epoch'>): void {
    this.#mode = mode
    if (mode === 'idle') return
    if (tableId !== this.#tableId) this.#restart()
    else if (epoch > this.#lastEpoch) this.#renew()
    else if (epoch >= this.#epoch) this.#epoch = epoch
    else if (epoch >= (this.#log[0]?.fromEpoch ?? this.#epoch)) this.#rewind(epoch)
    else this.#renew()
  }

  /** The next update's part: nothing but epochs when there is nothing to tell, which makes it a heartbeat. */
  take({ routeFor, prefixes, octetsMax }: Advertised): Batch {
    if (this.#lastEpoch === EPOCH_MAX) this.#renew()
    if (this.#isWhole) this.#markAll(prefixes())
    const newRoutes: AdvertisedRoute[] = []
    const withdrawn: string[] = []
    let octets = 0
    for (const prefix of this.#changed) {
      const route = routeFor(prefix)
      const isNews = route ? this.#told.get(prefix) !== route : this.#told.has(prefix)
      if (isNews) {
        octets += route ? sizeOfRoute(route) : sizeOfText(prefix)
        if (octets > octetsMax || newRoutes.length === NEW_ROUTES_MAX) break
        if (route) newRoutes.push(route)
        else withdrawn.push(prefix)
      }
      this.#changed.delete(prefix)
    }
    const isNews = newRoutes.length + withdrawn.length > 0
    if (isNews) this.#lastEpoch += 1
    const toEpoch = isNews ? this.#lastEpoch : this.#epoch
    return {
      tableId: this.#tableId,
      fromEpoch: this.#epoch,
      toEpoch,
      // With more to come, the peer is not to take this for the whole table.
      currentEpoch: Math.min(this.#changed.size > 0 ? toEpoch + 1 : toEpoch, EPOCH_MAX),
      newRoutes,
      withdrawn,
      generation: this.#generation,
    }
  }

  /** The peer has taken the batch. */
  acknowledged(batch: Batch): void {
    if (batch.generation !== this.#generation) return this.failed(batch)
    const { fromEpoch, toEpoch, newRoutes, withdrawn } = batch
    this.#epoch = toEpoch
    for (const route of newRoutes) this.#told.set(route.prefix, route)
    for (const prefix of withdrawn) this.#told.delete(prefix)
    if (toEpoch > fromEpoch) this.#note({ fromEpoch, toEpoch, prefixes: prefixesOf(batch) })
  }

  /** The peer has not taken the batch, or nobody knows: it is told again. */
  failed(batch: Batch): void {
    for (const prefix of prefixesOf(batch)) this.#tellAgain(prefix)
  }

  #note(entry: LogEntry): void {
    this.#log.push(entry)
    this.#logged += entry.prefixes.length
    while (this.#logged > LOG_PREFIXES_MAX) this.#logged -= this.#log.shift()?.prefixes.length ?? 0
  }

  #tellAgain(prefix: string): void {
    this.#told.set(prefix, undefined)
    this.#changed.add(prefix)
  }

  #markAll(prefixes: Iterable<string>): void {
    this.#isWhole = false
    for (const prefix of this.#told.keys()) this.#tellAgain(prefix)
    for (const prefix of prefixes) this.#changed.add(prefix)
  }

  /** The peer knows nothing of this table. */
  #restart(): void {
    this.#generation += 1
    this.#epoch = 0
    this.#log.length = 0
    this.#logged = 0
    this.#isWhole = true
  }

  /** Nobody knows what the peer has: a table of another id makes it forget. */
  #renew(): void {
    this.#restart()
    this.#tableId = newTableId()
    this.#lastEpoch = 0
  }

  /** The peer has lost what it was told since `epoch`. */
  #rewind(epoch: number): void {
    this.#generation += 1
    this.#epoch = epoch
    for (let last = this.#log.at(-1); last && last.toEpoch > epoch; last = this.#log.at(-1)) {
      for (const prefix of last.prefixes) this.#tellAgain(prefix)
      this.#log.pop()
      this.#logged -= last.prefixes.length
    }
  }
}

const prefixesOf = ({ newRoutes, withdrawn }: Batch): string[] => [
  ...newRoutes.map(({ prefix }) => prefix),
  ...withdrawn,
]
