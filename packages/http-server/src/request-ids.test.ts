import { accountId } from '@ilp/service-core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RequestIds } from './request-ids.js'

const [ALICE, BOB, CAROL] = [accountId('alice'), accountId('bob'), accountId('carol')]
const LIMITS = {
  callbacksMax: 100,
  callbacksTotalMax: 1_000,
  requestIdsMax: 100,
  requestIdsTotalMax: 1_000,
  requestIdMarginMs: 2_000,
}
const packet = (text = 'packet') => Buffer.from(text)

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

test('a Request-Id is its account’s, and of one packet', () => {
  const ids = new RequestIds(LIMITS)
  expect(ids.admit(ALICE, 'a', packet(), 1_010_000)).toBe('new')
  expect(ids.admit(ALICE, 'A', packet(), 1_010_000)).toBe('repeated')
  expect(ids.admit(ALICE, 'a', packet('other'), 1_010_000)).toBe('taken')
  expect(ids.admit(BOB, 'a', packet('other'), 1_010_000)).toBe('new')
})

test('it is remembered for a margin behind the expiry, and no longer than a second more', () => {
  const ids = new RequestIds(LIMITS)
  ids.admit(ALICE, 'a', packet(), 1_010_000)
  ids.over(ALICE)
  vi.setSystemTime(1_012_000)
  expect(ids.admit(ALICE, 'a', packet(), 1_010_000)).toBe('repeated')
  vi.setSystemTime(1_013_000)
  expect(ids.admit(ALICE, 'a', packet(), 1_010_000)).toBe('new')
})

test('of a packet that has expired it is remembered for the margin', () => {
  const ids = new RequestIds(LIMITS)
  expect(ids.admit(ALICE, 'a', packet(), 5)).toBe('new')
  expect(ids.admit(ALICE, 'a', packet(), 5)).toBe('repeated')
  vi.setSystemTime(1_003_000)
  expect(ids.admit(ALICE, 'a', packet(), 5)).toBe('new')
})

test('so many are remembered for an account, and for all', () => {
  const ids = new RequestIds({ ...LIMITS, requestIdsMax: 2, requestIdsTotalMax: 3 })
  for (const id of ['a', 'b']) expect(ids.admit(ALICE, id, packet(), 1_010_000)).toBe('new')
  expect(ids.admit(ALICE, 'c', packet(), 1_010_000)).toBe('account-full')
  expect(ids.admit(ALICE, 'a', packet(), 1_010_000)).toBe('repeated')
  expect(ids.admit(BOB, 'a', packet(), 1_020_000)).toBe('new')
  expect(ids.admit(CAROL, 'a', packet(), 1_010_000)).toBe('full')
  vi.setSystemTime(1_013_000)
  expect(ids.admit(CAROL, 'a', packet(), 1_020_000)).toBe('new')
  expect(ids.admit(CAROL, 'b', packet(), 1_020_000)).toBe('new')
  expect(ids.admit(CAROL, 'c', packet(), 1_020_000)).toBe('account-full')
  expect(ids.admit(ALICE, 'a', packet(), 1_020_000)).toBe('full')
})

test('so many may be pending for an account, and for all, also when they are remembered no more', () => {
  const ids = new RequestIds({ ...LIMITS, callbacksMax: 2, callbacksTotalMax: 3 })
  for (const id of ['a', 'b']) ids.admit(ALICE, id, packet(), 1_010_000)
  expect(ids.admit(ALICE, 'c', packet(), 1_010_000)).toBe('account-full')
  vi.setSystemTime(1_020_000)
  expect(ids.admit(ALICE, 'c', packet(), 1_030_000)).toBe('account-full')
  ids.over(ALICE)
  expect(ids.admit(ALICE, 'c', packet(), 1_030_000)).toBe('new')
  expect(ids.admit(BOB, 'a', packet(), 1_030_000)).toBe('new')
  expect(ids.admit(CAROL, 'a', packet(), 1_030_000)).toBe('full')
  ids.over(BOB)
  expect(ids.admit(CAROL, 'a', packet(), 1_030_000)).toBe('new')
})
