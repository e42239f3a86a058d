import { expect, test } from 'vitest'
import { payShop } from '../example/usage.js'

test('the example pays the shop', async () => {
  await expect(payShop(500n)).resolves.toBe('completed: 500 delivered, as 127.0.0.1 said')
})
