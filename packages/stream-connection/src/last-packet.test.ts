import { expect, it, vi } from 'vitest'
import { connected } from '../test/ends.js'
import { net } from '../test/net.js'

// The real number takes hours to reach.
vi.mock('@ilp/stream-packet', async original => ({ ...(await original<object>()), PACKETS_MAX: 2_048 + 500 }))

it('a connection ends before it has had all packets, and says so', async () => {
  const path = net({ maxPacketAmount: 1n })
  const ends = await connected(path, { server: { receiveMax: 10n ** 9n } })
  const sending = ends.client.createStream().sendTotal(10_000n)
  await expect(sending).rejects.toMatchObject({ code: 'ERR_STREAM_EXHAUSTED' })
  await ends.server.closed
  // A burst may have been under way; what is kept is for answers.
  expect(path.up.packets).toBeLessThanOrEqual(500 + 64)
})
