import { expect, test } from 'vitest'
import { timeTaken } from '../example/usage.js'

test('the example takes half a second for the way back', async () => {
  expect(await timeTaken()).toBe(500)
})
