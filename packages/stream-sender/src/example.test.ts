import { expect, test } from 'vitest'
import { payShop } from '../example/usage.js'

test('the example pays the shop, as far as it may', async () => {
  await expect(payShop(500n, 600n)).resolves.toBe('completed: 500 sent, 500 delivered, 0 unknown')
  await expect(payShop(500n, 400n)).resolves.toBe('sourceLimit: 400 sent, 400 delivered, 0 unknown')
})
