import { type IncomingRequest, silentLogger, unreachable } from '@ilp/service-core'
import { testAccount, testPath } from '@ilp/service-testing'
import { streamCredentials, streamReceiver } from '@ilp/stream-receiver'
import { expect, test } from 'vitest'
import { sendAll } from '../example/usage.js'

test('the example sends all of it, in packets that fit, however short liquidity is', async () => {
  const credentials = streamCredentials(Buffer.alloc(32, 5))
  const shop = { address: 'test.shop', asset: { code: 'USD', scale: 9 } }
  const receiver = streamReceiver({ receiverOf: () => shop, credentials, logger: silentLogger })
  const service = receiver<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: () => Promise.resolve(unreachable('test.connector', 'nobody else is here')),
  })
  const path = testPath(service, { maxPacketAmount: 1_000n, liquidity: 20_000n, delayMs: () => 1 })
  const { destinationAccount, sharedSecret } = credentials.issue(shop.address)
  const from = testAccount('alice')
  const packets = await sendAll(100_000n, destinationAccount, sharedSecret, prepare =>
    path.call({ from, prepare }),
  )
  expect([path.delivered, path.packets]).toEqual([100_000n, packets])
  expect(packets).toBeLessThan(200)
})
