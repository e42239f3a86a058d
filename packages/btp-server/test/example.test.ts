import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Fulfill } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { http, start, stop } from '../example/usage.js'
import { BtpPlugin } from './harness.js'

test('the example thanks whoever pays', async () => {
  const listening = once(http, 'listening')
  await start()
  await listening
  const { port } = http.address() as AddressInfo
  const client = new BtpPlugin({ server: `btp+ws://127.0.0.1:${port}/btp`, btpToken: 'alices-token' })
  await client.connect()
  const reply = Fulfill.decode(await client.sendData(testPrepare().toBuffer()))
  expect(reply.data.toString()).toBe('thanks, alice')
  await client.disconnect()
  await stop()
})
