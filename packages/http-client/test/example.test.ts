import { testFulfill } from '@ilp/service-testing'
import { expect, test } from 'vitest'
import { sendOnePacket } from '../example/usage.js'
import { startPeer } from './helpers.js'

test('the example sends a packet', async () => {
  const peer = await startPeer()
  const outcome = sendOnePacket(peer.url)
  const { request, answer } = await peer.next()
  expect(request.headers.authorization).toBe('Bearer our-token')
  answer(testFulfill())
  expect(await outcome).toBe('fulfilled')
})

test('the example tells why a packet was not sent', async () => {
  expect(await sendOnePacket('no URL')).toBe('T01: there is no link to the next hop')
})
