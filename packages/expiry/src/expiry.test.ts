import type { OutgoingRequest } from '@ilp/service-core'
import { scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { EXPIRY_DEFAULTS, type ExpiryOptions, expiry } from './expiry.js'

const NOW = Date.UTC(2030, 0, 1)

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

const requestFor = (leftMs: number): OutgoingRequest => ({
  from: testAccount('alice'),
  to: testAccount('bob'),
  incomingAmount: 200n,
  prepare: testPrepare({ expiresAt: new Date(NOW + leftMs) }),
})

/** The time that the next hop gets, or the code of the reject. */
async function pass(leftMs: number, options?: Partial<ExpiryOptions>): Promise<number | string> {
  const inner = scriptedService<OutgoingRequest>()
  const reply = expiry({ address: () => 'test.node' }, options)(inner).call(requestFor(leftMs))
  if (inner.waiting() === 0) return ((await reply) as { code: string }).code
  const { request, fulfill } = await inner.next()
  fulfill()
  await reply
  return request.prepare.expiresAtMs - NOW
}

describe('the next hop', () => {
  test('gets a second less than this node', async () => expect(await pass(10_000)).toBe(9_000))

  test('gets 30 seconds at most', async () => {
    expect(await pass(31_000)).toBe(30_000)
    expect(await pass(31_001)).toBe(30_000)
    expect(await pass(Date.UTC(9999, 11, 31) - NOW)).toBe(30_000)
  })

  test('gets what the options say', async () => {
    expect(await pass(10_000, { minMessageWindowMs: 250 })).toBe(9_750)
    expect(await pass(10_000, { maxHoldMs: 5_000 })).toBe(5_000)
    expect(await pass(10_000, { minMessageWindowMs: 0 })).toBe(10_000)
  })
})

describe('R02', () => {
  test('when the window leaves nothing', async () => {
    expect(await pass(1_001)).toBe(1)
    expect(await pass(1_000)).toBe('R02')
    expect(await pass(1)).toBe('R02')
  })

  test('when the packet has expired', async () =>
    expect(await pass(-1, { minMessageWindowMs: 0 })).toBe('R02'))

  test('when it expires at the beginning of time', async () => expect(await pass(-NOW)).toBe('R02'))

  test('names this node', async () => {
    const service = expiry({ address: () => 'test.node' })(scriptedService<OutgoingRequest>())
    expect(await service.call(requestFor(0))).toMatchObject({ code: 'R02', triggeredBy: 'test.node' })
  })
})

test('everything else of the request goes on as it was, and the caller keeps its own', async () => {
  const inner = scriptedService<OutgoingRequest & { readonly mark: string }>()
  const request = { ...requestFor(10_000), mark: 'x' }
  const reply = expiry({ address: () => '' })(inner).call(request)
  const call = await inner.next()
  expect(call.request).toEqual({ ...request, prepare: request.prepare.with({ expiresAtMs: NOW + 9_000 }) })
  expect(request.prepare.expiresAtMs).toBe(NOW + 10_000)
  call.fulfill()
  await reply
})

test.each([
  { minMessageWindowMs: -1 },
  { minMessageWindowMs: Number.NaN },
  { minMessageWindowMs: 0.5 },
  { maxHoldMs: 0 },
  { maxHoldMs: Number.POSITIVE_INFINITY },
])('the options %j are refused', options => {
  expect(() => expiry({ address: () => '' }, options)).toThrow(RangeError)
})

test('the defaults are those of the reference connector', () => {
  expect(EXPIRY_DEFAULTS).toEqual({ minMessageWindowMs: 1_000, maxHoldMs: 30_000 })
})
