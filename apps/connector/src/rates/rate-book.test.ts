import type { RateSource } from '@ilp/exchange-rate'
import { silentLogger } from '@ilp/service-core'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets, type RateStore, type StoredRates, StoreError } from '@ilp/store-traits'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRateBook, OVERRIDES_MAX } from './rate-book.js'
import { decodeRecord } from './rate-record.js'

async function memory(): Promise<RateStore> {
  const store = createMemoryStore({ secrets: createSecrets(Buffer.alloc(32)), logger: silentLogger })
  await store.start()
  onTestFinished(() => store.stop())
  return store.rates
}

async function bookOn(store: RateStore) {
  const book = createRateBook({ store, logger: silentLogger })
  await book.start()
  onTestFinished(() => book.stop())
  return book
}

/** A process's view of a store, which hears of the others' changes when it is told to, and when it writes itself. */
function lateView(store: RateStore) {
  let seen = store.get()
  const listeners = new Set<(rates: StoredRates) => void>()
  const view: RateStore = {
    get: () => seen,
    set: async rates => {
      await store.set(rates)
      hear()
    },
    watch: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const hear = () => {
    seen = store.get()
    for (const listener of listeners) if (seen) listener(seen)
  }
  return { view, hear }
}

const none: RateSource = {
  price: code => (code === 'XRP' ? { numerator: 1n, denominator: 2n } : undefined),
  afterSpread: { numerator: 1n, denominator: 1n },
}

describe('prices that an operator has set', () => {
  it('take the place of others until they are given back, exactly', async () => {
    const book = await bookOn(await memory())
    const source = book.over(none)
    expect(source.price('EUR')).toBeUndefined()
    await book.override('EUR', '1.08')
    await book.override('XRP', '0.123456789012345678901234567890')
    expect(source.price('EUR')).toEqual({ numerator: 27n, denominator: 25n })
    expect(source.price('EUR')).toBe(source.price('EUR'))
    expect(source.price('XRP')?.denominator).toBe(10n ** 29n)
    expect(book.overrides()).toEqual({ EUR: '1.08', XRP: '0.123456789012345678901234567890' })
    await book.override('EUR', undefined)
    await book.override('XRP', undefined)
    expect(source.price('EUR')).toBeUndefined()
    expect(source.price('XRP')).toEqual({ numerator: 1n, denominator: 2n })
    expect(book.overrides()).toEqual({})
  })

  it('outlive what the provider says, and don’t make its prices younger than they are', async () => {
    const store = await memory()
    const book = await bookOn(store)
    await book.provided.set({ rates: { USD: '1', EUR: '1.05' }, asOfMs: 1_000 })
    expect(store.get()).toEqual({ rates: { USD: '1', EUR: '1.05' }, asOfMs: 1_000 })
    await book.override('EUR', '1.08')
    expect(book.provided.get()).toEqual({ rates: { USD: '1', EUR: '1.05' }, asOfMs: 1_000 })
    await book.provided.set({ rates: { USD: '1', EUR: '1.06' }, asOfMs: 1_001 })
    expect(book.provided.get()).toEqual({ rates: { USD: '1', EUR: '1.06' }, asOfMs: 1_001 })
    expect(book.overrides()).toEqual({ EUR: '1.08' })
    await book.provided.set({ rates: { EUR: '9' }, asOfMs: 999 })
    expect(book.provided.get()?.asOfMs).toBe(1_001)
    const next = await bookOn(store)
    expect(next.overrides()).toEqual({ EUR: '1.08' })
    expect(next.provided.get()).toEqual({ rates: { USD: '1', EUR: '1.06' }, asOfMs: 1_001 })
  })

  it('are in force in all processes that share the store, also when they write at a time', async () => {
    const store = await memory()
    const [one, other] = [lateView(store), lateView(store)]
    const books = [await bookOn(one.view), await bookOn(other.view)] as const
    const everybodyHears = async () => {
      for (let turns = 0; turns < 20; turns++) {
        for (const { hear } of [one, other]) hear()
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    // Each writes on top of what it knows, which lacks what the other has just written.
    const writes = Promise.allSettled([
      books[0].override('EUR', '1.08'),
      books[1].override('XRP', '0.5'),
      books[1].provided.set({ rates: { USD: '1' }, asOfMs: 5_000 }),
    ])
    await everybodyHears()
    await writes
    await everybodyHears()
    for (const book of books) {
      expect(book.overrides()).toEqual({ EUR: '1.08', XRP: '0.5' })
      expect(book.provided.get()).toEqual({ rates: { USD: '1' }, asOfMs: 5_000 })
    }
    expect([...decodeRecord(store.get() as StoredRates).overrides.keys()].toSorted()).toEqual(['EUR', 'XRP'])
    const gone = Promise.allSettled([
      books[0].override('XRP', undefined),
      books[1].provided.set({ rates: { USD: '2' }, asOfMs: 6_000 }),
    ])
    await everybodyHears()
    await gone
    await everybodyHears()
    for (const book of books) {
      expect(book.overrides()).toEqual({ EUR: '1.08' })
      expect(book.provided.get()?.rates).toEqual({ USD: '2' })
    }
  })

  it('are those that were asked for last in one process', async () => {
    const book = await bookOn(await memory())
    await Promise.all(['9', '8', '7'].map(price => book.override('EUR', price)))
    expect(book.overrides()).toEqual({ EUR: '7' })
  })

  it('are not in force where the store does not take them', async () => {
    const store = await memory()
    const down = async () => {
      throw new StoreError('ERR_STORE_UNAVAILABLE', 'gone')
    }
    let isDown = true
    const book = await bookOn({ ...store, set: rates => (isDown ? down() : store.set(rates)) })
    await expect(book.override('EUR', '1.08')).rejects.toThrow('gone')
    expect(book.overrides()).toEqual({})
    isDown = false
    await book.override('USD', '1')
    expect(book.overrides()).toEqual({ USD: '1' })
  })

  it('are so many at the most', async () => {
    const book = await bookOn(await memory())
    for (let index = 0; index < OVERRIDES_MAX; index++) await book.override(`C${index}`, '1')
    expect(await book.override('ONE', '1')).toBe('full')
    expect(await book.override('C0', '2')).toBe('done')
    expect(Object.keys(book.overrides())).toHaveLength(OVERRIDES_MAX)
  })
})

it('what nobody can have set is nothing', async () => {
  const store = await memory()
  const name = (code: string) => `what an operator has set, for the code: ${code}`
  const rates = { [name('EUR')]: '1 -5', [name('XRP')]: 'x 1', [name('USD')]: '2 1' }
  await store.set({ rates, asOfMs: 1 })
  expect((await bookOn(store)).overrides()).toEqual({ USD: '1' })
})

it('a provider’s price for a code that no account can have is left out', async () => {
  const store = await memory()
  const book = await bookOn(store)
  const long = 'what an operator has set, for the code: EUR'
  await book.provided.set({ rates: { USD: '1', [long]: '1 5' }, asOfMs: 1 })
  expect(book.overrides()).toEqual({})
  expect(store.get()?.rates).toEqual({ USD: '1' })
})
