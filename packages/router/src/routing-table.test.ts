import { type AccountId, accountId, hasPrefix } from '@ilp/service-core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRoutingTable } from './routing-table.js'

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(accountId) as [AccountId, AccountId, AccountId]

function tableOf(routes: Record<string, AccountId>) {
  const table = createRoutingTable()
  for (const [prefix, account] of Object.entries(routes)) table.put(prefix, account)
  return table
}

describe('nextHop', () => {
  test('takes the longest prefix', () => {
    const table = tableOf({ g: alice, 'g.bob': bob, 'g.bob.carol': carol })
    expect(table.nextHop('g.bob.carol.x')).toBe(carol)
    expect(table.nextHop('g.bob.dave')).toBe(bob)
    expect(table.nextHop('g.dave')).toBe(alice)
  })

  test('matches whole segments only', () => {
    const table = tableOf({ 'g.al': alice })
    expect(table.nextHop('g.al')).toBe(alice)
    expect(table.nextHop('g.al.x')).toBe(alice)
    expect(table.nextHop('g.alice')).toBeUndefined()
    expect(table.nextHop('g.a')).toBeUndefined()
  })

  test('tells upper case from lower case', () => {
    expect(tableOf({ 'g.bob': bob }).nextHop('g.Bob')).toBeUndefined()
  })

  test('finds a shorter route again behind segments that lead on to other routes', () => {
    const table = tableOf({ 'test.a': alice, 'test.a.b.c.d': bob })
    expect(table.nextHop('test.a.b.c')).toBe(alice)
    expect(table.nextHop('test.a.b.c.e')).toBe(alice)
    expect(table.nextHop('test.a.b.c.d')).toBe(bob)
  })

  test('is not fooled by names that objects inherit', () => {
    const table = tableOf({ 'g.bob': bob })
    expect(table.nextHop('g.constructor')).toBeUndefined()
    expect(table.nextHop('g.__proto__.x')).toBeUndefined()
    table.put('g.__proto__', carol)
    expect(table.nextHop('g.__proto__.x')).toBe(carol)
  })
})

describe('the empty prefix', () => {
  test('leads what no other prefix matches', () => {
    const table = tableOf({ '': alice, 'g.bob': bob })
    expect(table.nextHop('g.carol')).toBe(alice)
    expect(table.nextHop('private.x')).toBe(alice)
    expect(table.nextHop('g.bob.x')).toBe(bob)
  })

  test('does not lead local addresses anywhere, which a route of their own does', () => {
    const table = tableOf({ '': alice })
    expect(table.nextHop('local.cluster.x')).toBeUndefined()
    table.put('local.cluster', bob)
    expect(table.nextHop('local.cluster.x')).toBe(bob)
  })

  test('goes when it is removed', () => {
    const table = tableOf({ '': alice, g: bob })
    table.remove('')
    expect(table.nextHop('test.x')).toBeUndefined()
    expect([...table.entries()]).toEqual([['g', bob]])
  })
})

describe('changes', () => {
  test('a second put leads the prefix elsewhere', () => {
    const table = tableOf({ 'g.x': alice })
    table.put('g.x', bob)
    expect(table.nextHop('g.x.y')).toBe(bob)
    expect(table.size()).toBe(1)
  })

  test('removing a route leaves those above and below it', () => {
    const table = tableOf({ g: alice, 'g.b': bob, 'g.b.c': carol })
    table.remove('g.b')
    expect(table.nextHop('g.b')).toBe(alice)
    expect(table.nextHop('g.b.c')).toBe(carol)
    expect(table.size()).toBe(2)
  })

  test('removing what is not there changes nothing', () => {
    const table = tableOf({ 'g.b.c': carol })
    for (const prefix of ['', 'g', 'g.b', 'g.b.c.d', 'test']) table.remove(prefix)
    expect([...table.entries()]).toEqual([['g.b.c', carol]])
  })

  test.each(['.', 'g.', '.g', 'g..a', 'gg', 'g.a b', 'g.ü', `g.${'a'.repeat(1_022)}`])(
    'the prefix %j is refused',
    prefix => {
      const table = createRoutingTable()
      expect(() => table.put(prefix, alice)).toThrow(TypeError)
      expect(table.size()).toBe(0)
    },
  )
})

const prefix = fc
  .array(fc.constantFrom('a', 'b', 'ab', 'c~-_9'), { maxLength: 4 })
  .map(segments => ['g', ...segments].join('.'))
const change = fc.record({
  prefix: fc.oneof(prefix, fc.constant('')),
  account: fc.option(fc.constantFrom(alice, bob, carol), { nil: undefined }),
})

test('after any changes the table answers as a scan over all routes does', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(prefix, { maxLength: 20 }),
      (changes, asked) => {
        const table = createRoutingTable()
        const routes = new Map<string, AccountId>()
        for (const { prefix, account } of changes) {
          if (account) table.put(prefix, account)
          else table.remove(prefix)
          if (account) routes.set(prefix, account)
          else routes.delete(prefix)
        }
        const scan = (destination: string) =>
          [...routes]
            .filter(([route]) => route === '' || hasPrefix(destination, route))
            .sort(([one], [other]) => other.length - one.length)[0]?.[1]
        for (const destination of asked) expect(table.nextHop(destination)).toBe(scan(destination))
        expect(new Map(table.entries())).toEqual(routes)
        expect(table.size()).toBe(routes.size)
      },
    ),
    { numRuns: 1_000 },
  )
})

/** Nanoseconds of a lookup, the best of several rounds. */
function lookupNs(table: ReturnType<typeof createRoutingTable>, destinations: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 20; round++) {
    const start = performance.now()
    for (let i = 0; i < 200; i++) for (const destination of destinations) table.nextHop(destination)
    best = Math.min(best, (performance.now() - start) / (200 * destinations.length))
  }
  return best * 1e6
}

test('the same packets cost the same with a million routes as with ten', () => {
  const route = (i: number) => `g.${(i % 100).toString(36)}.n${i.toString(36)}`
  const destinations = Array.from({ length: 10 }, (_, i) => `${route(i)}.alice.aDRMx1Pz0o3lqoUT0Kzs`)
  const [ten, million] = [10, 1_000_000].map(count => {
    const table = createRoutingTable()
    for (let i = 0; i < count; i++) table.put(route(i), bob)
    return lookupNs(table, destinations)
  }) as [number, number]
  // A scan would take 100,000 times as long; the factor leaves room for caches and for busy machines.
  expect(million).toBeLessThan(ten * 5)
})
