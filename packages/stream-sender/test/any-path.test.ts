import { reject } from '@ilp/service-core'
import { type TestPath, type TestPathOptions, testAccount, testPath, timeLapse } from '@ilp/service-testing'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type Payment, type PaymentResult, streamSender } from '../src/index.js'
import { ourReceiver } from './receivers.js'

const settled = timeLapse(vi)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const TIMEOUT_MS = 300_000
/** At the end of its time a payment waits for packets that expire then, and closes the connection. */
const CLOSING_MS = 5_000

const temporary = fc.constantFrom('T00', 'T01', 'T02', 'T03', 'T04', 'T05', 'R00', 'R02', 'R99', 'F99')
const every = (max: number) => fc.option(fc.integer({ min: 2, max }), { freq: 2 })

/** A path whose rate and maximum change with the packets that have come. */
const anyPath = fc.record({
  rates: fc.array(fc.tuple(fc.bigInt(1n, 100n), fc.bigInt(1n, 100n)), { minLength: 1, maxLength: 3 }),
  /** In thousandths of the scale. */
  maxima: fc.array(fc.bigInt(100n, 10_000n), { minLength: 1, maxLength: 3 }),
  scale: fc.constantFrom(10n, 1_000n, 1_000_000n, 1_000_000_000_000n),
  changesEvery: fc.integer({ min: 1, max: 60 }),
  tellsMaximum: fc.boolean(),
  liquidity: fc.option(fc.bigInt(100n, 30_000n)),
  window: fc.option(fc.integer({ min: 1, max: 50 })),
  delayMs: fc.integer({ min: 0, max: 200 }),
  fault: fc.record({ code: temporary, every: every(20) }),
  fatalAt: fc.option(fc.integer({ min: 1, max: 100 })),
  swallowsEvery: every(50),
  losesEvery: every(50),
})
type AnyPath = typeof anyPath extends fc.Arbitrary<infer T> ? T : never

/** In thousandths of the scale. */
const units = fc.bigInt(1n, 30_000n)
const anyAmount = fc.record({ source: fc.option(units), delivery: units, sourceMax: fc.option(units) })
type AnyAmount = typeof anyAmount extends fc.Arbitrary<infer T> ? T : never

const scaled = (thousandths: bigint, scale: bigint): bigint => (thousandths * scale + 999n) / 1_000n

function amountOf({ source, delivery, sourceMax }: AnyAmount, scale: bigint): Payment['amount'] {
  if (source !== null) return { source: scaled(source, scale) }
  const fixed = { delivery: scaled(delivery, scale) }
  return sourceMax === null ? fixed : { ...fixed, sourceMax: scaled(sourceMax, scale) }
}

const isNth = (index: number, n: number | null): boolean => n !== null && index % n === 0

function optionsOf(any: AnyPath, packets: () => number): TestPathOptions {
  const step = () => Math.floor(packets() / any.changesEvery)
  const at = <T>(values: readonly T[]): T => values[step() % values.length] as T
  let index = 0
  return {
    rate: units => {
      const [delivered, sent] = at(any.rates)
      return (units * delivered) / sent
    },
    get maxPacketAmount() {
      return scaled(at(any.maxima), any.scale)
    },
    tellsMaximum: any.tellsMaximum,
    ...(any.liquidity !== null && { liquidity: scaled(any.liquidity, any.scale) }),
    ...(any.window !== null && { window: any.window }),
    ...(any.delayMs > 0 && { delayMs: () => (index++ * 7919) % any.delayMs }),
    intercept: (_, nth) => {
      if (nth === any.fatalAt) return reject('F02', 'test.connector', 'no route')
      return isNth(nth, any.fault.every) ? reject(any.fault.code, 'test.connector', 'not now') : undefined
    },
    loses: nth => isNth(nth, any.losesEvery),
    swallows: nth => isNth(nth, any.swallowsEvery),
  }
}

function expectBooks(result: PaymentResult, path: TestPath, received: bigint, amount: Payment['amount']) {
  const { sent, unknown, delivered, deliveredMin, quote } = result
  expect(received).toBe(path.delivered)
  expect(sent).toBeLessThanOrEqual(path.sent)
  expect(path.sent).toBeLessThanOrEqual(sent + unknown)
  expect(deliveredMin).toBeLessThanOrEqual(delivered)
  expect(delivered).toBeLessThanOrEqual(path.delivered)
  if (unknown === 0n) expect([sent, delivered]).toEqual([path.sent, path.delivered])
  const sourceMax = 'source' in amount ? amount.source : (quote?.sourceMax ?? 0n)
  expect(sent + unknown).toBeLessThanOrEqual(sourceMax)
  if ('source' in amount) expect(path.exposureMost).toBeLessThanOrEqual(amount.source)
  else if (amount.sourceMax) expect(path.exposureMost).toBeLessThanOrEqual(amount.sourceMax)
  // The minimum rate holds for what was fulfilled, but for one unit.
  const { minRate = { delivered: 0n, sent: 1n } } = quote ?? {}
  expect((path.delivered + 1n) * minRate.sent).toBeGreaterThanOrEqual(path.sent * minRate.delivered)
  if (result.end === 'completed' && 'delivery' in amount) {
    expect(delivered).toBeGreaterThanOrEqual(amount.delivery)
  }
}

it('keeps its books and its limits on whatever path', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyPath,
      anyAmount,
      fc.integer({ min: 1, max: 100 }),
      async (any, anyUnits, inFlightMax) => {
        const amount = amountOf(anyUnits, any.scale)
        const receiver = ourReceiver()
        const path: TestPath = testPath(
          receiver.service,
          optionsOf(any, () => path.packets),
        )
        const sender = streamSender({ service: path, from: testAccount('alice') }, { inFlightMax })
        const startMs = Date.now()
        const result = await settled(sender.pay({ ...receiver, amount, timeoutMs: TIMEOUT_MS }))
        expect(Date.now() - startMs).toBeLessThanOrEqual(TIMEOUT_MS + CLOSING_MS)
        expect(path.packetsInFlightMost).toBeLessThanOrEqual(inFlightMax)
        expectBooks(result, path, receiver.total(), amount)
        expect([result.packets, vi.getTimerCount()]).toEqual([path.packets, 0])
      },
    ),
  )
})

/** A path with one rate and one maximum, at which each packet brings some units. */
const steadyPath = fc.record({
  delivered: fc.bigInt(1n, 1_000n),
  sent: fc.bigInt(1n, 1_000n),
  maximum: fc.bigInt(200_000n, 2_000_000n),
  tellsMaximum: fc.boolean(),
  window: fc.option(fc.integer({ min: 1, max: 50 })),
  delayMs: fc.integer({ min: 0, max: 200 }),
  fault: fc.record({
    code: fc.constantFrom('T00', 'T01', 'T02', 'T03', 'T04', 'T05', 'R00'),
    every: fc.option(fc.integer({ min: 4, max: 20 })),
  }),
})

it('completes on a steady path, whatever is lost or late on it, and pays what was asked for', async () => {
  const asked = fc.record({
    fixed: fc.constantFrom('source', 'delivery'),
    units: fc.bigInt(1_000n, 5_000_000n),
  })
  await fc.assert(
    fc.asyncProperty(steadyPath, asked, async (steady, { fixed, units }) => {
      const { delivered, sent, maximum, tellsMaximum, window, delayMs, fault } = steady
      const receiver = ourReceiver()
      let index = 0
      const path = testPath(receiver.service, {
        rate: amount => (amount * delivered) / sent,
        maxPacketAmount: maximum,
        tellsMaximum,
        ...(window !== null && { window }),
        ...(delayMs > 0 && { delayMs: () => (index++ * 7919) % delayMs }),
        intercept: (_, nth) =>
          isNth(nth, fault.every) ? reject(fault.code, 'test.connector', 'not now') : undefined,
      })
      const delivery = (units * delivered) / sent + 1n
      const amount = fixed === 'source' ? { source: units } : { delivery }
      const result = await settled(
        streamSender({ service: path, from: testAccount('alice') }).pay({ ...receiver, amount }),
      )
      expect(result).toMatchObject({ end: 'completed', unknown: 0n, reject: undefined })
      expectBooks(result, path, receiver.total(), amount)
      if (fixed === 'source') {
        // What may be left would not bring a unit.
        expect(((units - result.sent) * delivered) / sent).toBe(0n)
      } else {
        expect(result.delivered - delivery).toBeLessThanOrEqual(delivered / sent + 1n)
      }
    }),
    { numRuns: 50 },
  )
})
