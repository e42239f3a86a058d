import { expect, test } from 'vitest'
import { echo } from '../example/usage.js'

test('the example gets its message back', async () => {
  expect(await echo('hello')).toBe('hello')
})
