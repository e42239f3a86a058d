import { Fulfill } from '@ilp/service-core'
import { expect, test } from 'vitest'
import { pay } from '../example/usage.js'

test('the example pays', async () => {
  const reply = await pay()
  expect(reply).toBeInstanceOf(Fulfill)
  expect((reply as Fulfill).data.toString()).toBe('thanks, alice')
})
