import { expect, test } from 'vitest'
import { sendInVain, stats } from '../example/usage.js'

test('the example gets R00 when the next hop does not answer', async () => {
  expect(await sendInVain()).toBe('R00')
  expect(stats()).toMatchObject({ timedOut: 1, inFlight: 0 })
})
