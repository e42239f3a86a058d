import { expect, test } from 'vitest'
import { send } from '../example/usage.js'

test('the example sends until the minimum balance of alice is reached', async () => {
  expect(await send(600n, 500n, 400n, 1n)).toEqual(['fulfilled', 'T04', 'fulfilled', 'T04', '-1000'])
})
