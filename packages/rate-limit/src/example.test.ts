import { expect, test } from 'vitest'
import { send } from '../example/usage.js'

test('the example sends packets until neither money nor packets are left', async () => {
  expect(await send(900n, 200n, 0n, 0n)).toEqual(['fulfilled', 'T04', 'fulfilled', 'T05'])
})
