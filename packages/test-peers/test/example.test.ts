import { expect, test } from 'vitest'
import { payBobThroughNpm } from '../example/usage.js'

test('the example pays bob 1,500 units, which alice then owes', async () => {
  const [result, balances] = await payBobThroughNpm()
  expect(result).toMatchObject({ fulfilled: 500, rejected: {} })
  expect(balances).toEqual({ alice: 1_500n, bob: -1_500n })
})
