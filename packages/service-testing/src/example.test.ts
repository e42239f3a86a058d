import { expect, test } from 'vitest'
import { countDuringOnePacket } from '../example/usage.js'

test('the example sees the packet under way between the call and its answer', async () => {
  expect(await countDuringOnePacket()).toEqual([0, 1, 0])
})
