import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AdvertisedRoute,
  type Batch,
  IncomingTable,
  LOG_PREFIXES_MAX,
  NO_TABLE,
  OutgoingTable,
  type RouteUpdate,
} from './index.js'

const AUTH = hash('sha256', '', 'buffer')
const route = (prefix: string, path = ['test.peer']): AdvertisedRoute => ({
  prefix,
  path,
  auth: AUTH,
  properties: [],
})

const HEAD = { holdDownMs: 45_000, speaker: 'test.peer' }
const updateOf = ({ generation, ...batch }: Batch): RouteUpdate => ({ ...batch, ...HEAD })
const all = () => true

/** Routes to be told, and the table that tells them. */
class Teller {
  readonly routes = new Map<string, AdvertisedRoute>()
  readonly table = new OutgoingTable()

  set(prefix: string, path?: string[]): void {
    this.routes.set(prefix, route(prefix, path))
    this.table.changed(prefix)
  }

  remove(prefix: string): void {
    this.routes.delete(prefix)
    this.table.changed(prefix)
  }

  take(octetsMax = 30_000): Batch {
    return this.table.take({
      routeFor: prefix => this.routes.get(prefix),
      prefixes: () => this.routes.keys(),
      octetsMax,
    })
  }

  /** Tells what there is to tell, and has it taken. */
  tell(to?: IncomingTable): Batch {
    const batch = this.take()
    to?.apply(updateOf(batch), all)
    this.table.acknowledged(batch)
    return batch
  }

  ask(of: IncomingTable): void {
    this.table.ask({ mode: 'sync', ...of.known })
  }
}

const newIncoming = (routesMax = 100_000) => new IncomingTable({ routesMax })
const prefixesOf = (batch: Batch) => batch.newRoutes.map(({ prefix }) => prefix)

describe('an outgoing table', () => {
  test('tells everything first, then what has changed, then nothing', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.set('test.b')
    expect(teller.tell()).toMatchObject({ fromEpoch: 0, toEpoch: 1, currentEpoch: 1 })
    teller.set('test.c')
    teller.remove('test.a')
    const second = teller.tell()
    expect(second).toMatchObject({ fromEpoch: 1, toEpoch: 2, withdrawn: ['test.a'] })
    expect(prefixesOf(second)).toEqual(['test.c'])
    expect(teller.table.hasChanges).toBe(false)
    expect(teller.tell()).toMatchObject({ fromEpoch: 2, toEpoch: 2, newRoutes: [], withdrawn: [] })
  })

  test('says nothing of what came and went in between, nor of a prefix that the peer was never told', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.tell()
    const [kept] = teller.routes.values()
    teller.remove('test.a')
    teller.routes.set('test.a', kept as AdvertisedRoute)
    teller.table.changed('test.b')
    expect(teller.tell()).toMatchObject({ newRoutes: [], withdrawn: [] })
  })

  test('tells a path that has changed', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.tell()
    teller.set('test.a', ['test.peer', 'test.other'])
    expect(teller.tell().newRoutes).toMatchObject([{ path: ['test.peer', 'test.other'] }])
  })

  test('tells again what was not taken, under a later epoch', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.table.failed(teller.take())
    const again = teller.take()
    expect(again).toMatchObject({ fromEpoch: 0, toEpoch: 2 })
    expect(prefixesOf(again)).toEqual(['test.a'])
  })

  test('withdraws what may have been taken though nobody knows', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.table.failed(teller.take())
    teller.remove('test.a')
    expect(teller.tell().withdrawn).toEqual(['test.a'])
  })

  test('tells as much as there is room for, and that more is to come', () => {
    const teller = new Teller()
    for (let i = 0; i < 3_000; i++) teller.set(`test.node-${i}`)
    const incoming = newIncoming()
    let batches = 0
    for (let isLast = false; !isLast; batches++) {
      const batch = teller.tell(incoming)
      isLast = batch.currentEpoch === batch.toEpoch
    }
    expect(batches).toBeGreaterThan(3)
    expect(incoming.size).toBe(3_000)
  })

  test('gives a peer that lost the last updates those, and no more', () => {
    const teller = new Teller()
    for (const name of ['a', 'b', 'c', 'd']) {
      teller.set(`test.${name}`)
      teller.tell()
    }
    const { tableId } = teller.take()
    teller.table.ask({ mode: 'sync', tableId, epoch: 2 })
    const batch = teller.tell()
    expect(batch).toMatchObject({ tableId, fromEpoch: 2 })
    expect(prefixesOf(batch).sort()).toEqual(['test.c', 'test.d'])
  })

  test('begins a new table for a peer that lost more than is remembered, or claims what never was', () => {
    const teller = new Teller()
    teller.set('test.a')
    teller.tell()
    for (let i = 0; i <= LOG_PREFIXES_MAX; i++) {
      teller.set(`test.node-${i}`)
      if (i % 500 === 0) teller.tell()
    }
    while (teller.table.hasChanges) teller.tell()
    for (const epoch of [1, 1_000_000]) {
      const { tableId } = teller.take()
      teller.table.ask({ mode: 'sync', tableId, epoch })
      const batch = teller.take()
      expect(batch.tableId).not.toBe(tableId)
      expect(batch.fromEpoch).toBe(0)
      teller.table.acknowledged(batch)
    }
  })

  test('keeps the mode that the peer has asked for', () => {
    const { table } = new Teller()
    expect(table.mode).toBeUndefined()
    table.ask({ mode: 'sync', tableId: NO_TABLE, epoch: 0 })
    table.ask({ mode: 'idle', tableId: NO_TABLE, epoch: 0 })
    expect(table.mode).toBe('idle')
  })
})

describe('an incoming table', () => {
  const update = (fields: Partial<RouteUpdate>): RouteUpdate => ({
    ...HEAD,
    tableId: '11'.repeat(16),
    currentEpoch: 1,
    fromEpoch: 0,
    toEpoch: 1,
    newRoutes: [],
    withdrawn: [],
    ...fields,
  })
  const known = (table: IncomingTable, ...prefixes: string[]) =>
    table.apply(update({ newRoutes: prefixes.map(prefix => route(prefix)) }), all)

  test('says what has changed, and nothing of what is told again', () => {
    const table = newIncoming()
    expect([...(known(table, 'test.a', 'test.b')?.keys() ?? [])]).toEqual(['test.a', 'test.b'])
    expect(known(table, 'test.a', 'test.b')?.size).toBe(0)
    const next = update({ fromEpoch: 1, toEpoch: 2, currentEpoch: 2, withdrawn: ['test.a', 'test.z'] })
    expect([...(table.apply(next, all) ?? [])]).toEqual([['test.a', undefined]])
  })

  test('refuses an update behind a gap, and ignores one from before', () => {
    const table = newIncoming()
    known(table, 'test.a')
    expect(table.apply(update({ fromEpoch: 2, toEpoch: 3 }), all)).toBeUndefined()
    expect(table.known.epoch).toBe(1)
    const old = update({ fromEpoch: 0, toEpoch: 0, withdrawn: ['test.a'] })
    expect(table.apply(old, all)?.size).toBe(0)
    expect(table.size).toBe(1)
  })

  test('takes a route that is not acceptable for the end of the one before', () => {
    const table = newIncoming()
    known(table, 'test.a')
    const worse = update({ toEpoch: 2, currentEpoch: 2, newRoutes: [route('test.a', ['test.x'])] })
    expect([...(table.apply(worse, () => false) ?? [])]).toEqual([['test.a', undefined]])
  })

  test('keeps the routes of a former table until the new one is told whole', () => {
    const table = newIncoming()
    known(table, 'test.a', 'test.b')
    const tableId = '22'.repeat(16)
    const half = update({ tableId, currentEpoch: 2, newRoutes: [route('test.a')] })
    expect(table.apply(half, all)?.size).toBe(0)
    expect(table.size).toBe(2)
    const rest = update({ tableId, fromEpoch: 1, toEpoch: 2, currentEpoch: 2, newRoutes: [route('test.c')] })
    const changes = table.apply(rest, all)
    expect([...(changes?.keys() ?? [])].sort()).toEqual(['test.b', 'test.c'])
    expect(table.known).toEqual({ tableId, epoch: 2 })
  })

  test('keeps no more than its limit, to which former routes give way', () => {
    const table = newIncoming(2)
    known(table, 'test.a', 'test.b', 'test.c')
    expect([...table.prefixes()]).toEqual(['test.a', 'test.b'])
    const tableId = '22'.repeat(16)
    table.apply(update({ tableId, newRoutes: [route('test.x'), route('test.y'), route('test.z')] }), all)
    expect([...table.prefixes()]).toEqual(['test.x', 'test.y'])
  })

  test('keeps no view over the packet', () => {
    const table = newIncoming()
    const packet = Buffer.alloc(30_000)
    const changes = table.apply(
      update({ newRoutes: [{ ...route('test.a'), auth: packet.subarray(0, 32) }] }),
      all,
    )
    expect(changes?.get('test.a')?.auth.buffer).not.toBe(packet.buffer)
  })
})

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('set'), prefix: fc.nat({ max: 9 }), path: fc.nat({ max: 2 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('remove'), prefix: fc.nat({ max: 9 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('tell', 'request lost', 'answer lost', 'late') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('ask', 'peer restarts', 'teller restarts', 'old ask') }),
  },
)

test('whatever is lost or starts over, the peer ends with the routes that there are', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      let teller = new Teller()
      let incoming = newIncoming()
      let late: Batch | undefined
      let oldKnown = incoming.known
      const take = () => teller.take(120)
      for (const one of steps) {
        const prefix = `test.n${'prefix' in one ? one.prefix : ''}`
        if (one.kind === 'set') teller.set(prefix, ['test.peer', `test.p${'path' in one ? one.path : ''}`])
        else if (one.kind === 'remove') teller.remove(prefix)
        else if (one.kind === 'tell') {
          const batch = take()
          if (incoming.apply(updateOf(batch), all)) teller.table.acknowledged(batch)
          else teller.table.failed(batch)
        } else if (one.kind === 'request lost') teller.table.failed(take())
        else if (one.kind === 'answer lost') {
          const batch = take()
          incoming.apply(updateOf(batch), all)
          teller.table.failed(batch)
        } else if (one.kind === 'late') {
          // Thought lost, it comes behind the next ones.
          if (late) incoming.apply(updateOf(late), all)
          late = take()
          teller.table.failed(late)
        } else if (one.kind === 'ask') {
          teller.ask(incoming)
          oldKnown = incoming.known
        } else if (one.kind === 'old ask') teller.table.ask({ mode: 'sync', ...oldKnown })
        else if (one.kind === 'peer restarts') incoming = newIncoming()
        else {
          const { routes } = teller
          teller = new Teller()
          for (const [each, { path }] of routes) teller.set(each, [...path])
          late = undefined
        }
      }
      for (let i = 0; i < 40 && (i < 2 || teller.table.hasChanges); i++) {
        teller.ask(incoming)
        const batch = take()
        expect(incoming.apply(updateOf(batch), all)).toBeDefined()
        teller.table.acknowledged(batch)
      }
      expect([...incoming.prefixes()].sort()).toEqual([...teller.routes.keys()].sort())
      // All of it is as told: nothing is gained by telling it once more.
      const whole = { ...updateOf(teller.take()), newRoutes: [...teller.routes.values()] }
      expect(incoming.apply(whole, all)?.size).toBe(0)
    }),
    { numRuns: 3_000 },
  )
})
