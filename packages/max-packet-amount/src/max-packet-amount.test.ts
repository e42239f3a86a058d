import { Reject } from '@ilp/service-core'
import { fulfillingService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { maxPacketAmount } from './max-packet-amount.js'

const UINT64_MAX = 2n ** 64n - 1n
const service = maxPacketAmount({ address: () => 'test.node' })(fulfillingService())
const call = (units: bigint, maximum?: bigint) =>
  service.call({ from: testAccount('alice', { maxPacketAmount: maximum }), prepare: testPrepare({ units }) })

test('a packet of exactly the maximum passes, one unit more does not', async () => {
  expect(await call(500n, 500n)).toEqual(testFulfill())
  expect(await call(501n, 500n)).toMatchObject({ code: 'F08', triggeredBy: 'test.node' })
})

test('the data of the reject tells the amount received, then the maximum', async () => {
  const reply = (await call(UINT64_MAX, 2n ** 53n + 1n)) as Reject
  expect(reply).toBeInstanceOf(Reject)
  expect(reply.data.toString('hex')).toBe('ffffffffffffffff0020000000000001')
})

test('a maximum of zero lets nothing but zero through', async () => {
  expect(await call(0n, 0n)).toEqual(testFulfill())
  expect(await call(1n, 0n)).toMatchObject({ code: 'F08' })
})

test('an account without a maximum sends what fits into a packet', async () => {
  expect(await call(UINT64_MAX)).toEqual(testFulfill())
  const plain = { from: testAccount('bob'), prepare: testPrepare({ units: UINT64_MAX }) }
  expect(await service.call(plain)).toEqual(testFulfill())
})

test('a maximum past 2^64 is none', async () => {
  expect(await call(UINT64_MAX, 2n ** 64n)).toEqual(testFulfill())
})

test('the promise of the next service is returned as it is', () => {
  const promise = Promise.resolve(testFulfill())
  const through = maxPacketAmount({ address: () => '' })({
    ready: () => Promise.resolve(),
    call: () => promise,
  })
  expect(through.call({ from: testAccount('alice'), prepare: testPrepare() })).toBe(promise)
})
