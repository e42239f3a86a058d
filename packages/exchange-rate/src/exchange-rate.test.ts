import type { Asset, OutgoingRequest, Reply, Service } from '@ilp/service-core'
import { testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { type ExchangeRateAccount, exchangeRate } from './exchange-rate.js'
import type { RateSource } from './rate-source.js'
import { sameCodeOnly, staticRates } from './rates.js'
import { ONE, parseRatio, type Ratio } from './ratio.js'

type Request = OutgoingRequest<ExchangeRateAccount>

const UINT64_MAX = 2n ** 64n - 1n
const usd = (scale: number): Asset => ({ code: 'USD', scale })
const eur = (scale: number): Asset => ({ code: 'EUR', scale })

const requestOf = (units: bigint, from: Asset, to: Asset): Request => ({
  from: testAccount('alice', { asset: from }),
  to: testAccount('bob', { asset: to }),
  incomingAmount: units,
  prepare: testPrepare({ units }),
})

/** An exchange whose inner service keeps what reached it. */
function exchange(rates?: RateSource) {
  const passed: Request[] = []
  const answer: Promise<Reply> = Promise.resolve(testFulfill())
  const inner: Service<Request> = {
    ready: () => Promise.resolve(),
    call: request => {
      passed.push(request)
      return answer
    },
  }
  return { service: exchangeRate({ address: () => 'test.node', rates })(inner), inner, passed, answer }
}

/** The amount that reached the next hop, or the code of the reject. */
async function outcome(rates: RateSource | undefined, units: bigint, from: Asset, to: Asset) {
  const { service, passed } = exchange(rates)
  const reply = await service.call(requestOf(units, from, to))
  return passed[0]?.prepare.units ?? ('code' in reply && reply.code)
}

/** What a reject of F08 says of the amounts. */
async function amountsOf(reply: Promise<Reply>) {
  const { data } = await reply
  return { length: data.length, received: data.readBigUInt64BE(0), maximum: data.readBigUInt64BE(8) }
}

describe('the amount for the next hop', () => {
  const rates = staticRates({ rates: { USD: '1', EUR: '1.08', XRP: '0.52' } })

  test('is worth the same at the prices of both assets', async () => {
    expect(await outcome(rates, 100n, eur(2), usd(2))).toBe(108n)
    expect(await outcome(rates, 108n, usd(2), eur(2))).toBe(100n)
    expect(await outcome(rates, 1_000n, eur(2), { code: 'XRP', scale: 6 })).toBe(20_769_230n)
  })

  test('is counted in units of the scale of the account that it goes to', async () => {
    expect(await outcome(rates, 5n, usd(2), usd(9))).toBe(50_000_000n)
    expect(await outcome(rates, 50_000_000n, usd(9), usd(2))).toBe(5n)
    expect(await outcome(rates, 1n, eur(0), usd(9))).toBe(1_080_000_000n)
  })

  test('is rounded down, however little is missing to the next unit', async () => {
    expect(await outcome(rates, 59_999_999n, usd(9), usd(2))).toBe(5n)
    expect(await outcome(rates, UINT64_MAX, usd(9), usd(0))).toBe(18_446_744_073n)
  })

  test('is exact past what a float can tell', async () => {
    expect(
      await outcome(
        staticRates({ rates: { A: '3', B: '3.0' } }),
        UINT64_MAX,
        { code: 'A', scale: 9 },
        { code: 'B', scale: 9 },
      ),
    ).toBe(UINT64_MAX)
    expect(await outcome(rates, 2n ** 53n + 1n, usd(2), usd(3))).toBe(90_071_992_547_409_930n)
  })

  test('lacks the spread, between accounts of one asset as well', async () => {
    const withSpread = staticRates({ rates: { USD: '1', EUR: '1.08' }, spread: '0.002' })
    expect(await outcome(withSpread, 1_000_000n, usd(9), eur(9))).toBe(924_074n)
    expect(await outcome(withSpread, 1_000_000n, usd(9), usd(9))).toBe(998_000n)
    expect(await outcome(withSpread, 1_001n, usd(9), usd(9))).toBe(998n)
  })

  test('comes from the incoming amount, not from what another layer made of it', async () => {
    const { service, passed } = exchange(rates)
    await service.call({ ...requestOf(100n, usd(2), usd(2)), prepare: testPrepare({ units: 7n }) })
    expect(passed[0]?.prepare.units).toBe(100n)
  })
})

describe('a request', () => {
  test('is passed on as it is, with the answer of the next service, when its amount stays', async () => {
    const { service, inner, passed, answer } = exchange()
    const request = requestOf(100n, usd(9), { ...usd(9) })
    expect(service.call(request)).toBe(answer)
    expect(passed[0]).toBe(request)
    expect(service.ready).toBe(inner.ready)
  })

  test('keeps all but the amount when that changes, and the caller keeps the request it made', async () => {
    const { service, passed, answer } = exchange()
    const request = { ...requestOf(100n, usd(2), usd(3)), trace: 'abc' }
    expect(service.call(request)).toBe(answer)
    expect(passed[0]).toMatchObject({
      from: request.from,
      to: request.to,
      incomingAmount: 100n,
      trace: 'abc',
    })
    expect(passed[0]?.prepare.units).toBe(1_000n)
    expect(passed[0]?.prepare.conditionHex()).toBe(request.prepare.conditionHex())
    expect(request.prepare.units).toBe(100n)
  })

  test('of amount zero passes whether there is a rate or not', async () => {
    expect(await outcome(sameCodeOnly(), 0n, usd(9), eur(2))).toBe(0n)
    expect(await outcome(staticRates({ rates: {}, spread: '0.5' }), 0n, usd(9), usd(9))).toBe(0n)
  })
})

describe('a reject', () => {
  test('of R01 says that nothing is left of an amount that was above zero', async () => {
    const { service, passed } = exchange()
    const reply = await service.call(requestOf(9_999_999n, usd(9), usd(2)))
    expect(reply).toMatchObject({ code: 'R01', triggeredBy: 'test.node' })
    expect(reply.data).toHaveLength(0)
    expect(passed).toEqual([])
    expect(await outcome(undefined, 10_000_000n, usd(9), usd(2))).toBe(1n)
  })

  test('of F08 has the amount received and the largest that passes, both in the incoming unit', async () => {
    const { service, passed } = exchange()
    const reply = service.call(requestOf(UINT64_MAX, usd(2), usd(9)))
    expect(await reply).toMatchObject({ code: 'F08', triggeredBy: 'test.node' })
    const maximum = 1_844_674_407_370n
    expect(await amountsOf(reply)).toEqual({ length: 16, received: UINT64_MAX, maximum })
    expect(passed).toEqual([])
    expect(await outcome(undefined, maximum, usd(2), usd(9))).toBe(18_446_744_073_700_000_000n)
    expect(await outcome(undefined, maximum + 1n, usd(2), usd(9))).toBe('F08')
  })

  test('of F08 answers an amount whose result is 2^64 to the unit', async () => {
    const doubled = staticRates({ rates: { A: '2', B: '1' } })
    const { service } = exchange(doubled)
    const [from, to] = [
      { code: 'A', scale: 9 },
      { code: 'B', scale: 9 },
    ]
    const reply = service.call(requestOf(2n ** 63n, from, to))
    expect(await amountsOf(reply)).toEqual({ length: 16, received: 2n ** 63n, maximum: 2n ** 63n - 1n })
    expect(await outcome(doubled, 2n ** 63n - 1n, from, to)).toBe(UINT64_MAX - 1n)
  })

  test('of F08 has a maximum of zero where a single unit is too much', async () => {
    const { service } = exchange()
    const reply = service.call(requestOf(1n, usd(0), usd(255)))
    expect(await amountsOf(reply)).toEqual({ length: 16, received: 1n, maximum: 0n })
  })

  test('of T00 says that there is no rate', async () => {
    const { service, passed } = exchange(staticRates({ rates: { USD: '1' } }))
    for (const [from, to] of [
      [usd(9), eur(9)],
      [eur(9), usd(9)],
    ] as const) {
      const reply = await service.call(requestOf(100n, from, to))
      expect(reply).toMatchObject({
        code: 'T00',
        message: `no exchange rate from ${from.code} to ${to.code}`,
      })
    }
    expect(passed).toEqual([])
  })

  test('of T00 answers any exchange between codes unless rates are given', async () => {
    expect(await outcome(undefined, 100n, usd(9), eur(9))).toBe('T00')
    expect(await outcome(undefined, 100n, usd(9), { code: 'usd', scale: 9 })).toBe('T00')
    expect(await outcome(undefined, 100n, eur(2), eur(3))).toBe(1_000n)
  })
})

describe('a source whose prices change', () => {
  /** A source whose prices and spread the test changes. */
  const changing = (start: Record<string, string>) => {
    const prices = new Map(Object.entries(start).map(([code, price]) => [code, parseRatio(price)]))
    return { price: (code: string) => prices.get(code), afterSpread: ONE, prices }
  }

  test('changes the amount of the very next packet', async () => {
    const source = changing({ USD: '1', EUR: '1.08' })
    const { service, passed } = exchange(source)
    const amountNow = async () => {
      await service.call(requestOf(1_000n, eur(2), usd(2)))
      return passed.at(-1)?.prepare.units
    }
    expect(await amountNow()).toBe(1_080n)
    source.prices.set('EUR', parseRatio('1.1'))
    expect(await amountNow()).toBe(1_100n)
    source.prices.set('USD', parseRatio('2'))
    expect(await amountNow()).toBe(550n)
    source.afterSpread = parseRatio('0.9')
    expect(await amountNow()).toBe(495n)
  })

  test('stops exchanges while a price is too old, but none between accounts of its code', async () => {
    const source = changing({ USD: '1', EUR: '1.08' })
    const { service } = exchange(source)
    const codeOf = async (from: Asset, to: Asset) => {
      const reply = await service.call(requestOf(100n, from, to))
      return 'code' in reply ? reply.code : 'fulfilled'
    }
    expect(await codeOf(usd(2), eur(2))).toBe('fulfilled')
    source.prices.delete('EUR')
    expect(await codeOf(usd(2), eur(2))).toBe('T00')
    expect(await codeOf(eur(2), usd(2))).toBe('T00')
    expect(await codeOf(eur(2), eur(4))).toBe('fulfilled')
    source.prices.set('EUR', parseRatio('1.08'))
    expect(await codeOf(usd(2), eur(2))).toBe('fulfilled')
  })

  test('is computed with once for each price, not for each packet', async () => {
    let reads = 0
    const counted = (value: Ratio): Ratio => ({
      get numerator() {
        reads += 1
        return value.numerator
      },
      denominator: value.denominator,
    })
    const source = changing({ USD: '1' })
    source.prices.set('EUR', counted(parseRatio('1.08')))
    const { service } = exchange(source)
    await service.call(requestOf(100n, eur(2), usd(2)))
    const readsForOne = reads
    for (let i = 0; i < 10; i++) await service.call(requestOf(100n, eur(2), usd(2)))
    expect(reads).toBe(readsForOne)
    source.prices.set('EUR', counted(parseRatio('1.08')))
    await service.call(requestOf(100n, eur(2), usd(2)))
    expect(reads).toBeGreaterThan(readsForOne)
  })

  test('is exact for more assets than are remembered', async () => {
    const codes = Array.from({ length: 110 }, (_, index) => `A${index + 1}`)
    const source = staticRates({ rates: Object.fromEntries(codes.map(code => [code, code.slice(1)])) })
    const { service, passed } = exchange(source)
    const amounts: bigint[] = []
    for (const from of codes) {
      for (const to of codes) {
        await service.call(requestOf(1_000_000n, { code: from, scale: 2 }, { code: to, scale: 2 }))
        amounts.push((1_000_000n * BigInt(from.slice(1))) / BigInt(to.slice(1)))
      }
    }
    expect(passed.map(request => request.prepare.units)).toEqual(amounts)
  })
})
