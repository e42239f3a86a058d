import { testFulfill, testPrepare } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { createSender } from '../example/usage.js'
import { startPeer } from './harness.js'

test('the example sends as soon as its link is up', async () => {
  await using peer = await startPeer()
  const sender = await createSender(peer.url, 'node-token')
  expect(await sender.send(testPrepare())).toMatchObject({ code: 'T01' })
  await expect.poll(sender.isUp).toBe(true)
  const reply = sender.send(testPrepare())
  ;(await peer.inner.next()).fulfill()
  expect(await reply).toEqual(testFulfill())
  await sender.stop()
})
