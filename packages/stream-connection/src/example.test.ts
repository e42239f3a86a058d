import { expect, test } from 'vitest'
import { buyBook } from '../example/usage.js'

test('the example pays for a book and reads it', async () => {
  await expect(buyBook()).resolves.toBe('Call me Ishmael.')
})
