import { expect, test } from 'vitest'
import { payIn } from '../example/usage.js'
import { createMapBackend } from './backend.js'

test('the example adds up what was paid in, also by the store that is opened next', async () => {
  const backend = createMapBackend()
  expect(await payIn(backend, 100n)).toBe(100n)
  expect(await payIn(backend, 20n)).toBe(120n)
})
