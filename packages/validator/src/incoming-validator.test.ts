import type { IncomingRequest } from '@ilp/service-core'
import { fulfillingService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { incomingValidator } from './incoming-validator.js'

const NOW = Date.UTC(2030, 0, 1)
const from = testAccount('alice')

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => void vi.useRealTimers())

const call = (fields: { leftMs?: number; destination?: string }, address = 'test.node') => {
  const { leftMs = 30_000, destination = 'test.bob' } = fields
  const request: IncomingRequest = {
    from,
    prepare: testPrepare({ destination, expiresAt: new Date(NOW + leftMs) }),
  }
  return incomingValidator({ address: () => address })(fulfillingService()).call(request)
}

describe('expiry', () => {
  test.each([0, -1, -NOW])('a packet that arrives with %d ms to go gets R00', async leftMs => {
    expect(await call({ leftMs })).toMatchObject({ code: 'R00', triggeredBy: 'test.node' })
  })

  test('a millisecond is enough to be passed on', async () => {
    expect(await call({ leftMs: 1 })).toEqual(testFulfill())
  })

  test('the year 9999 is no reason to refuse', async () => {
    expect(await call({ leftMs: Date.UTC(9999, 11, 31, 23, 59, 59, 999) - NOW })).toEqual(testFulfill())
  })
})

describe('networks', () => {
  test.each([
    ['test.node', 'g.bob'],
    ['test3.node', 'g.bob'],
    ['g.node', 'test.bob'],
    ['g.node', 'test1.bob'],
    ['g.node', 'test2.bob'],
    ['g.node', 'test3.bob'],
  ])('the node %s answers F02 for %s', async (address, destination) => {
    expect(await call({ destination }, address)).toMatchObject({ code: 'F02', triggeredBy: address })
  })

  test.each([
    ['g.node', 'g.bob'],
    ['test.node', 'test1.bob'],
    ['g.node', 'peer.config'],
    ['g.node', 'private.bob'],
    ['private.node', 'test.bob'],
    ['', 'g.bob'],
  ])('the node %j passes on packets for %s', async (address, destination) => {
    expect(await call({ destination }, address)).toEqual(testFulfill())
  })
})

test('an expired packet for another network is told that it is late', async () => {
  expect(await call({ leftMs: 0, destination: 'g.bob' })).toMatchObject({ code: 'R00' })
})

test('the promise of the next service is returned as it is', () => {
  const promise = Promise.resolve(testFulfill())
  const service = incomingValidator({ address: () => '' })({
    ready: () => Promise.resolve(),
    call: () => promise,
  })
  expect(service.call({ from, prepare: testPrepare() })).toBe(promise)
})
