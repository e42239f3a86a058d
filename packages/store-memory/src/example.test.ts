import { expect, it } from 'vitest'
import { payOnce } from '../example/usage.js'

it('pays', async () => {
  expect(await payOnce()).toEqual({ balance: 99n, earned: 1n })
})
