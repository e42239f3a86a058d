import { expect, test } from 'vitest'
import { sendOnePacket } from '../example/usage.js'

test('the example takes packets from alice, and from nobody else', async () => {
  expect(await sendOnePacket('alices-token')).toBe('fulfilled')
  expect(await sendOnePacket('another')).toBe('refused with 401')
})
