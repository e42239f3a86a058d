import { isAccountId, isAddress, isFulfill } from '@ilp/service-core'
import { expect, test } from 'vitest'
import {
  fulfillingService,
  recordingLogger,
  scriptedService,
  testAccount,
  testFulfill,
  testPrepare,
  testReject,
} from './index.js'

test('a scripted service hands out its calls in the order in which they came', async () => {
  const service = scriptedService<number>()
  const replies = [service.call(1), service.call(2)]
  expect(service.waiting()).toBe(2)
  const first = await service.next()
  const second = await service.next()
  expect([first.request, second.request]).toEqual([1, 2])
  second.reject('T01')
  first.fulfill()
  const [one, two] = await Promise.all(replies)
  expect(one).toEqual(testFulfill())
  expect(two).toMatchObject({ code: 'T01' })
})

test('next waits for a call that has not come yet', async () => {
  const service = scriptedService<string>()
  const next = service.next()
  const reply = service.call('late')
  const call = await next
  expect(call.request).toBe('late')
  expect(service.waiting()).toBe(0)
  const answer = testReject({ message: 'mine' })
  call.answer(answer)
  expect(await reply).toBe(answer)
})

test('a failed call throws what the test gave it', async () => {
  const service = scriptedService<string>()
  const reply = service.call('x')
  const error = new Error('broken')
  ;(await service.next()).fail(error)
  await expect(reply).rejects.toBe(error)
})

test('the Fulfill fits the Prepare, also after fields of both were replaced', async () => {
  const prepare = testPrepare({ units: 2n ** 64n - 1n, destination: 'g.somebody' })
  expect(prepare.units).toBe(18_446_744_073_709_551_615n)
  expect(testFulfill({ data: Buffer.from('hi') }).fulfills(prepare)).toBe(true)
  const reply = await fulfillingService().call({ prepare })
  expect(isFulfill(reply) && reply.fulfills(prepare)).toBe(true)
})

test('an account has valid defaults, which fields replace and add to', () => {
  const alice = testAccount('alice')
  expect(isAccountId(alice.id) && isAddress(alice.ilpAddress)).toBe(true)
  const bob = testAccount('bob', { relation: 'peer', minBalance: -10n })
  expect(bob).toMatchObject({ username: 'bob', relation: 'peer', minBalance: -10n })
})

test('the logger remembers level, fields and message', () => {
  const logger = recordingLogger()
  logger.warn({ a: 1 }, 'careful')
  logger.error({}, 'broken')
  expect(logger.entries).toEqual([
    { level: 'warn', fields: { a: 1 }, message: 'careful' },
    { level: 'error', fields: {}, message: 'broken' },
  ])
})
