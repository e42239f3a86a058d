import { describe, expect, it } from 'vitest'
import { storeConformance, TRAITS } from '../src/index.js'
import { plainHarness } from './plain-store.js'

describe('the suite passes a correct store', () => {
  for (const { name, run } of storeConformance(plainHarness)) it(name, run)
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
