import { expect, test } from 'vitest'
import { exchangeOneHundredEuros } from '../example/usage.js'

test('the example exchanges 100 EUR at 1.08 USD, less 0.2 %', async () => {
  expect(await exchangeOneHundredEuros()).toBe('no link for 107784000 units')
})
