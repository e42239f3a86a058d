import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { storeConformance, TRAITS } from '../src/index.js'
import { AT_ONCE, type PlainBackend, plainHarness } from './plain-store.js'

describe('the suite passes a correct store', () => {
  for (const { name, run } of storeConformance(plainHarness)) it(name, run)
})

describe('the suite waits for all that it asks', () => {
  const answering = new Map<PlainBackend, number>()
  const tests = storeConformance({
    ...plainHarness,
    createStore: backend => {
      /** Counts the calls; returns how many are under way. */
      const count = (by: number): number => {
        const calls = (answering.get(backend) ?? 0) + by
        answering.set(backend, calls)
        return calls
      }
      /** A part that does what it is asked at once, and says so later: the later, the more others are under way. */
      const late = <Part extends object>(part: Part): Part =>
        new Proxy(part, {
          get: (target, key) => {
            const use = Reflect.get(target, key) as (...args: unknown[]) => unknown
            if (key === 'watch' || AT_ONCE.includes(String(key))) return use
            return async (...args: unknown[]) => {
              const turns = count(1)
              try {
                return await use(...args)
              } finally {
                for (let i = 0; i < turns; i++) await turn()
                count(-1)
              }
            }
          },
        })
      const store = plainHarness.createStore(backend)
      const parts = TRAITS.map(trait => [trait, late(store[trait])])
      return { ...store, ...(Object.fromEntries(parts) as Pick<typeof store, (typeof TRAITS)[number]>) }
    },
    disposeBackend: backend => expect(answering.get(backend) ?? 0, 'calls without an answer').toBe(0),
  })
  for (const { name, run } of tests) it(name, run)
})

describe('the suite', () => {
  const names = (harness: Partial<typeof plainHarness> = {}) =>
    storeConformance({ ...plainHarness, ...harness }).map(({ name }) => name)

  it('has a name of its own for each test', () => {
    expect(new Set(names()).size).toBe(names().length)
  })

  it.each(TRAITS)('can test %s alone', trait => {
    const tests = storeConformance({ ...plainHarness, traits: [trait] })
    expect(new Set(tests.map(test => test.trait))).toEqual(new Set([trait]))
  })

  it('leaves out what a store says that it cannot do', () => {
    const { dump: _, ...modest } = { ...plainHarness, concurrent: false, durable: false }
    const few = storeConformance(modest).map(({ name }) => name)
    const left = names().filter(name => !few.includes(name))
    expect(left).toContain('credentials: cannot be read from a dump, in any spelling')
    expect(left).toContain('ledger: keeps balances, holds, positions and sessions over a restart')
    expect(left).toContain('routes: are in force in another store')
    expect(left.length).toBeLessThan(names().length / 5)
  })

  it('disposes of each backend when its stores have stopped, also of a test that fails', async () => {
    const log: string[] = []
    const tests = storeConformance({
      ...plainHarness,
      traits: ['address'],
      createStore: backend => {
        const store = plainHarness.createStore(backend)
        const stop = async () => {
          log.push('stop')
          await store.stop()
        }
        const address = { get: () => 'test.wrong', set: async () => {}, watch: store.address.watch }
        return { ...store, stop, address }
      },
      disposeBackend: () => void log.push('dispose'),
    })
    await expect(tests.find(({ name }) => name.includes('not known'))?.run()).rejects.toThrow()
    expect(log).toEqual(['stop', 'dispose'])
  })
})
