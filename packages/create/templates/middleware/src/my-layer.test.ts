import { fulfillingService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { type MyLayerOptions, myLayer } from './my-layer.js'

const deps = { address: () => 'test.node' }

/** What a packet of so many units gets, from an account with this minimum. */
const call = (units: bigint, minPacketAmount?: bigint, options?: Partial<MyLayerOptions>) =>
  myLayer(
    deps,
    options,
  )(fulfillingService()).call({
    from: testAccount('alice', { minPacketAmount }),
    prepare: testPrepare({ units }),
  })

test('a packet of exactly the minimum passes, one unit less does not', async () => {
  expect(await call(500n, 500n)).toEqual(testFulfill())
  expect(await call(499n, 500n)).toMatchObject({
    code: 'F00',
    triggeredBy: 'test.node',
    message: 'the amount is below 500',
  })
})

test('the option is for accounts that have no minimum of their own', async () => {
  expect(await call(9n, undefined, { minPacketAmount: 10n })).toMatchObject({ code: 'F00' })
  expect(await call(9n, 5n, { minPacketAmount: 10n })).toEqual(testFulfill())
})

test('a packet that moves no money passes', async () => {
  expect(await call(0n, 500n)).toEqual(testFulfill())
})

test('a negative minimum is refused', () => {
  expect(() => myLayer(deps, { minPacketAmount: -1n })).toThrow(RangeError)
})

test('the promise of the next service is returned as it is', () => {
  const promise = Promise.resolve(testFulfill())
  const through = myLayer(deps)({ ready: () => Promise.resolve(), call: () => promise })
  expect(through.call({ from: testAccount('alice'), prepare: testPrepare() })).toBe(promise)
})
