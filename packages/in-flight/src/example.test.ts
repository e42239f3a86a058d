import { expect, test } from 'vitest'
import { stopGently } from '../example/usage.js'

test('the example stops when its packet has been answered', async () => {
  expect(await stopGently()).toEqual([1, 0])
})
