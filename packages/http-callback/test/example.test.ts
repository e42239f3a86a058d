import { expect, test } from 'vitest'
import { deliver } from '../example/usage.js'
import { startPeer } from './helpers.js'

test('the example delivers an answer at the second attempt', async () => {
  const peer = await startPeer(503, 200)
  expect(await deliver(peer.url, '42ee09c8-a6de-4ae3-8a47-4732b0cbb07b')).toBe('delivered')
  expect(peer.requests).toHaveLength(2)
})
