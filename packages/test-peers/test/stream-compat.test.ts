import { once } from 'node:events'
import { expect, it } from 'vitest'
import { createBtpPlugin, type MoneyStream, startIlpConnector, streamCompat } from '../src/index.js'

it('lets npm senders pay npm receivers, however often it is applied', async () => {
  const asset = { code: 'USD', scale: 9 }
  const connector = await startIlpConnector({
    address: 'test.npm',
    accounts: {
      alice: { relation: 'child', asset, btp: { listen: { token: 'of-alice' } } },
      bob: { relation: 'child', asset, btp: { listen: { token: 'of-bob' } } },
    },
  })
  const plugin = (account: string) =>
    createBtpPlugin({ server: { url: connector.url(account), token: `of-${account}` } })
  const plugins = { alice: plugin('alice'), bob: plugin('bob') }
  try {
    const { createServer } = streamCompat()
    const { createConnection } = streamCompat()
    const server = await createServer({ plugin: plugins.bob })
    const accepted = server.acceptConnection()
    const sender = await createConnection({ plugin: plugins.alice, ...server.generateAddressAndSecret() })
    const stream = sender.createStream()
    const sent = stream.sendTotal(1_000)
    const [received] = (await once(await accepted, 'stream')) as [MoneyStream]
    received.setReceiveMax(1_000)
    await sent
    expect(received.totalReceived).toBe('1000')
    await expect.poll(connector.balances, { timeout: 30_000 }).toEqual({ alice: 1_000n, bob: -1_000n })
  } finally {
    // Not `end`: the side that hears of it first leaves its plugin, and the other waits for an answer until it expires.
    await plugins.alice.disconnect()
    await plugins.bob.disconnect()
    await connector.stop()
  }
})
