import { expect, test } from 'vitest'
import { send } from '../example/usage.js'

test('the example sends a packet of the maximum and one above it', async () => {
  expect(await send(1_000n)).toBe('fulfilled')
  expect(await send(1_001n)).toBe('F08')
})
