import { expect, test } from 'vitest'
import { pay, start, stop } from '../example/usage.js'

test('the example lets a packet pass where the account may send, and answers F02 elsewhere', async () => {
  await start()
  expect(await pay('test.alice.shop.till')).toMatchObject({ type: 13 })
  expect(await pay('test.alice.shopping')).toMatchObject({ type: 14, code: 'F02', triggeredBy: 'test.alice' })
  await stop()
})
