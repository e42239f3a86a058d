import { expect, test } from 'vitest'
import { greet, greeted } from '../example/usage.js'

test('the example greets', () => {
  expect(greeted(greet('alice'))).toBe('alice')
})
