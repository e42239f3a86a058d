import { expect, test } from 'vitest'
import { greet } from '../example/usage.js'

test('the example greets, and says that nobody is there', async () => {
  expect(await greet('alice')).toBe('hello alice')
  expect(JSON.parse(await greet('nobody'))).toMatchObject({ status: 404, detail: 'nobody is here' })
})
