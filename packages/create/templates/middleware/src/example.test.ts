import { expect, test } from 'vitest'
import { send } from '../example/usage.js'

test('the example sends a packet of the minimum and one below it', async () => {
  expect(await send(100n)).toBe('fulfilled')
  expect(await send(99n)).toBe('F00')
})
