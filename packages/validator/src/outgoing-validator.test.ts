import { type Fulfill, isFulfill, type OutgoingRequest } from '@ilp/service-core'
import {
  recordingLogger,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
  testReject,
} from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { outgoingValidator } from './outgoing-validator.js'

const NOW = Date.UTC(2030, 0, 1)
const WRONG = testFulfill({ fulfillment: new Uint8Array(32) })

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

const requestFor = (leftMs: number): OutgoingRequest => ({
  from: testAccount('alice'),
  to: testAccount('bob'),
  incomingAmount: 100n,
  prepare: testPrepare({ expiresAt: new Date(Date.now() + leftMs) }),
})

function setUp() {
  const inner = scriptedService<OutgoingRequest>()
  const logger = recordingLogger()
  const late: [OutgoingRequest, Fulfill][] = []
  const seen: unknown[] = []
  const layer = outgoingValidator({
    address: () => 'test.node',
    onLateFulfill: (request, fulfill) => void late.push([request, fulfill]),
    watcher: {
      began: ({ to }) => seen.push(`to ${to.id}`),
      answered: (_request, reply, began) => seen.push([isFulfill(reply) ? 'fulfilled' : reply.code, began]),
      threw: ({ to }) => seen.push(`${to.id} threw`),
    },
    logger,
  })
  const service = layer(inner)
  return {
    inner,
    late,
    layer,
    logger,
    seen,
    service,
    call: (leftMs: number) => service.call(requestFor(leftMs)),
  }
}

const NO_COUNTS = { inFlight: 0, timedOut: 0, lateFulfills: 0, wrongFulfillments: 0 }

describe('in time', () => {
  test('a Fulfill that fits the condition passes as it is', async () => {
    const { call, inner, layer } = setUp()
    const reply = call(1_000)
    const fulfill = testFulfill({ data: Buffer.from('receipt') })
    const taken = await inner.next()
    expect(layer.stats()).toEqual({ ...NO_COUNTS, inFlight: 1 })
    vi.setSystemTime(NOW + 999)
    taken.answer(fulfill)
    expect(await reply).toBe(fulfill)
    expect(layer.stats()).toEqual(NO_COUNTS)
  })

  test('a Reject passes as it is, whatever its code', async () => {
    const { call, inner } = setUp()
    const reply = call(1_000)
    const reject = testReject({ code: 'F09', triggeredBy: 'test.far.away' })
    ;(await inner.next()).answer(reject)
    expect(await reply).toBe(reject)
  })

  test('a Fulfill that does not fit the condition becomes F05', async () => {
    const { call, inner, late, layer } = setUp()
    const reply = call(1_000)
    ;(await inner.next()).answer(WRONG)
    expect(await reply).toMatchObject({ code: 'F05', triggeredBy: 'test.node' })
    expect(layer.stats()).toEqual({ ...NO_COUNTS, wrongFulfillments: 1 })
    expect(late).toEqual([])
  })

  test('an answer leaves no timer behind', async () => {
    const { call, inner } = setUp()
    const reply = call(1_000)
    ;(await inner.next()).fulfill()
    await reply
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the deadline', () => {
  test.each([1, 2, 3, 4, 5, 997, 30_000, 100_000])(
    'of a packet with %d ms to go brings R00 then, at most 20 ms later and never before',
    async leftMs => {
      const { call, layer } = setUp()
      let answeredAtMs = 0
      const reply = call(leftMs).then(answer => {
        answeredAtMs = Date.now()
        return answer
      })
      await vi.advanceTimersByTimeAsync(leftMs + 20)
      expect(await reply).toMatchObject({ code: 'R00', triggeredBy: 'test.node' })
      expect(answeredAtMs).toBeGreaterThanOrEqual(NOW + leftMs)
      expect(answeredAtMs).toBeLessThanOrEqual(NOW + leftMs + 20)
      expect(layer.stats()).toEqual({ ...NO_COUNTS, timedOut: 1 })
    },
  )

  test('is that of the packet that goes out, not an earlier or a later one', async () => {
    const { call } = setUp()
    const order: number[] = []
    const replies = [500, 100, 300].map(leftMs => call(leftMs).then(() => order.push(leftMs)))
    await vi.advanceTimersByTimeAsync(600)
    await Promise.all(replies)
    expect(order).toEqual([100, 300, 500])
  })

  test('that has passed leaves R02, and the next service is not asked', async () => {
    const { call, inner, layer } = setUp()
    expect(await call(0)).toMatchObject({ code: 'R02', triggeredBy: 'test.node' })
    expect(await call(-1)).toMatchObject({ code: 'R02' })
    expect(inner.waiting()).toBe(0)
    expect(layer.stats()).toEqual(NO_COUNTS)
  })

  test('keeps no timer when the packet has timed out', async () => {
    const { call } = setUp()
    const reply = call(50)
    await vi.advanceTimersByTimeAsync(100)
    await reply
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('late', () => {
  async function timedOut() {
    const parts = setUp()
    const request = requestFor(50)
    const reply = parts.service.call(request)
    const taken = await parts.inner.next()
    await vi.advanceTimersByTimeAsync(70)
    expect(await reply).toMatchObject({ code: 'R00' })
    return { ...parts, request, taken }
  }

  test('a Fulfill is dropped, counted and reported with its request', async () => {
    const { late, layer, request, taken } = await timedOut()
    const fulfill = testFulfill()
    taken.answer(fulfill)
    await vi.advanceTimersByTimeAsync(0)
    expect(late).toEqual([[request, fulfill]])
    expect(late[0]?.[1]).toBe(fulfill)
    expect(layer.stats()).toEqual({ ...NO_COUNTS, timedOut: 1, lateFulfills: 1 })
  })

  test('a Fulfill is logged with what its reconciliation needs, when nobody else is to be told', async () => {
    const inner = scriptedService<OutgoingRequest>()
    const logger = recordingLogger()
    const request = requestFor(50)
    const reply = outgoingValidator({ address: () => 'test.node', logger })(inner).call(request)
    const taken = await inner.next()
    await vi.advanceTimersByTimeAsync(70)
    await reply
    const fulfill = testFulfill()
    taken.answer(fulfill)
    await vi.advanceTimersByTimeAsync(0)
    const { amount, destination, expiresAt } = request.prepare
    const fulfillment = fulfill.fulfillment.toString('hex')
    expect(logger.entries).toMatchObject([
      { level: 'warn', fields: { from: 'alice', to: 'bob', amount, destination, expiresAt, fulfillment } },
    ])
  })

  test('a Fulfill that does not fit the condition claims nothing', async () => {
    const { late, layer, taken } = await timedOut()
    taken.answer(WRONG)
    await vi.advanceTimersByTimeAsync(0)
    expect(late).toEqual([])
    expect(layer.stats()).toEqual({ ...NO_COUNTS, timedOut: 1 })
  })

  test('a Reject changes nothing', async () => {
    const { late, layer, taken } = await timedOut()
    taken.reject()
    await vi.advanceTimersByTimeAsync(0)
    expect(late).toEqual([])
    expect(layer.stats()).toEqual({ ...NO_COUNTS, timedOut: 1 })
  })

  test('a Fulfill that comes at the deadline, while the timer is yet to fire, gets the sender R00', async () => {
    const { inner, late, layer, service } = setUp()
    const request = requestFor(50)
    const reply = service.call(request)
    const taken = await inner.next()
    vi.setSystemTime(NOW + 50)
    taken.fulfill()
    expect(await reply).toMatchObject({ code: 'R00' })
    expect(late.map(([packet]) => packet)).toEqual([request])
    expect(layer.stats()).toEqual({ ...NO_COUNTS, timedOut: 1, lateFulfills: 1 })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an error is logged, since nobody else would see it', async () => {
    const { logger, taken } = await timedOut()
    const err = new Error('a bug')
    taken.fail(err)
    await vi.advanceTimersByTimeAsync(0)
    expect(logger.entries).toMatchObject([{ level: 'error', fields: { err, account: 'bob' } }])
  })
})

describe('a service that throws', () => {
  test('while answering passes its error on', async () => {
    const { call, inner, layer } = setUp()
    const reply = call(1_000)
    ;(await inner.next()).fail(new Error('a bug'))
    await expect(reply).rejects.toThrow('a bug')
    expect(layer.stats()).toEqual(NO_COUNTS)
  })

  test('at once passes its error on, and leaves nothing waiting', async () => {
    const layer = outgoingValidator({
      address: () => '',
      onLateFulfill: () => {},
      logger: recordingLogger(),
    })
    const service = layer({
      ready: () => Promise.resolve(),
      call: () => {
        throw new Error('a bug')
      },
    })
    await expect(service.call(requestFor(1_000))).rejects.toThrow('a bug')
    expect(layer.stats()).toEqual(NO_COUNTS)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a watcher', () => {
  test('sees each packet go, and its answer once, whoever made it', async () => {
    const { call, inner, seen } = setUp()
    await call(0)
    expect(seen.splice(0)).toEqual(['to bob', ['R02', 1]])
    for (const [answer, code] of [
      [testFulfill(), 'fulfilled'],
      [WRONG, 'F05'],
      [testReject({ code: 'F09' }), 'F09'],
    ] as const) {
      const reply = call(1_000)
      const taken = await inner.next()
      expect(seen.splice(0)).toEqual(['to bob'])
      taken.answer(answer)
      await reply
      expect(seen.splice(0)).toEqual([[code, 1]])
    }
  })

  test('sees the R00 of a packet that times out, and nothing of what comes later', async () => {
    const { call, inner, late, seen } = setUp()
    const reply = call(50)
    const taken = await inner.next()
    await vi.advanceTimersByTimeAsync(70)
    await reply
    taken.fulfill()
    await vi.advanceTimersByTimeAsync(0)
    expect(late).toHaveLength(1)
    expect(seen).toEqual(['to bob', ['R00', 1]])
  })

  test('sees services that throw, at once or later', async () => {
    const { call, inner, layer, seen } = setUp()
    const reply = call(1_000)
    ;(await inner.next()).fail(new Error('a bug'))
    await expect(reply).rejects.toThrow('a bug')
    const throwing = layer({
      ready: () => Promise.resolve(),
      call: () => {
        throw new Error('a bug')
      },
    })
    await expect(throwing.call(requestFor(1_000))).rejects.toThrow('a bug')
    expect(seen).toEqual(['to bob', 'bob threw', 'to bob', 'bob threw'])
  })
})
