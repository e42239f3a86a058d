import { expect, test } from 'vitest'
import { sendToBob } from '../example/usage.js'

test('the example has no link to bob', async () => {
  expect(await sendToBob()).toBe('T01')
})
