import type { OutgoingRequest, Service } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import type { StoredRates } from '@ilp/store-traits'
import { describe, expect, test } from 'vitest'
import { type ExchangeRateAccount, exchangeRate } from './exchange-rate.js'
import { type StoredRatesOptions, storedRates } from './stored-rates.js'

const NOON = 1_800_000_000_000

function scene(options: Partial<StoredRatesOptions> = {}) {
  const state: { nowMs: number; stored: StoredRates | undefined } = { nowMs: NOON, stored: undefined }
  const source = storedRates({ store: { get: () => state.stored }, nowMs: () => state.nowMs }, options)
  const set = (rates: Record<string, string>, asOfMs = NOON) => {
    state.stored = { rates, asOfMs }
  }
  return { state, source, set }
}

describe('stored rates', () => {
  test('are unknown until the store has some', () => {
    const { source, set } = scene()
    expect(source.price('USD')).toBeUndefined()
    set({ USD: '1', EUR: '1.08' })
    expect(source.price('EUR')).toEqual({ numerator: 27n, denominator: 25n })
    for (const code of ['XRP', '', 'toString', '__proto__']) expect(source.price(code)).toBeUndefined()
  })

  test('are gone as soon as they are too old, and back with new ones', () => {
    const { state, source, set } = scene({ maxAgeMs: 1_000 })
    set({ USD: '1' })
    state.nowMs = NOON + 1_000
    expect(source.price('USD')).toBeDefined()
    state.nowMs = NOON + 1_001
    expect(source.price('USD')).toBeUndefined()
    set({ USD: '1' }, NOON + 1_000)
    expect(source.price('USD')).toBeDefined()
  })

  test('give the same object for a price until it changes', () => {
    const { source, set } = scene()
    set({ USD: '1', EUR: '1.08' })
    const before = [source.price('USD'), source.price('EUR')]
    expect(source.price('EUR')).toBe(before[1])
    set({ USD: '1', EUR: '1.09' })
    expect(source.price('USD')).toBe(before[0])
    expect(source.price('EUR')).toEqual({ numerator: 109n, denominator: 100n })
    set({ EUR: '1.09' })
    expect(source.price('USD')).toBeUndefined()
  })

  test.each(['0', '-1', '1e3', 'one', '', '/', '1/', '/1', '1/0', '1/2/3', `1/${'9'.repeat(65)}`])(
    'that are no prices, like %j, are unknown, and the others are not',
    text => {
      const { source, set } = scene()
      set({ USD: '1', BAD: text })
      expect(source.price('BAD')).toBeUndefined()
      expect(source.price('USD')).toBeDefined()
    },
  )

  test('may be quotients, which are as exact as decimals', () => {
    const { source, set } = scene()
    set({ USD: '1/1.08', JPY: '2.5/162.3' })
    expect(source.price('USD')).toEqual({ numerator: 25n, denominator: 27n })
    expect(source.price('JPY')).toEqual({ numerator: 25n, denominator: 1_623n })
  })

  test.each([{ maxAgeMs: 0 }, { maxAgeMs: 0.5 }, { maxAgeMs: Number.POSITIVE_INFINITY }, { spread: '1' }])(
    'refuse %o',
    options => {
      expect(() => scene(options)).toThrow(RangeError)
    },
  )
})

test('a rate from euros is exact in both directions, and T00 once it is too old', async () => {
  const { state, source, set } = scene({ maxAgeMs: 1_000 })
  set({ EUR: '1', USD: '1/1.08' })
  const inner: Service<OutgoingRequest<ExchangeRateAccount>> = {
    ready: () => Promise.resolve(),
    call: async ({ prepare }) => testFulfill({ data: Buffer.from(prepare.amount) }),
  }
  const service = exchangeRate({ address: () => 'test.node', rates: source })(inner)
  const exchange = async (units: bigint, from: string, to: string) => {
    const reply = await service.call({
      from: testAccount('alice', { asset: { code: from, scale: 2 } }),
      to: testAccount('bob', { asset: { code: to, scale: 2 } }),
      incomingAmount: units,
      prepare: testPrepare({ units }),
    })
    return 'code' in reply ? reply.code : reply.data.toString()
  }
  expect(await exchange(100n, 'EUR', 'USD')).toBe('108')
  expect(await exchange(108n, 'USD', 'EUR')).toBe('100')
  state.nowMs += 1_001
  expect(await exchange(100n, 'EUR', 'USD')).toBe('T00')
  expect(await exchange(100n, 'EUR', 'EUR')).toBe('100')
})
