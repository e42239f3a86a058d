import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { testPrepare } from '@ilp/service-testing'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { HeldPackets, outcome, post, send } from './support/packets.js'
import { account, dialled } from './support/settings.js'

/** An HTTP server that takes requests and answers none. */
async function startSilentServer() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const requests = async (count: number) => {
    for (let i = 0; i < count; i++) await once(server, 'request')
  }
  return { url: `http://127.0.0.1:${port}/ilp`, requests }
}

describe('a stop', () => {
  afterEach(() => void vi.useRealTimers())

  it.each(['btp', 'http'])('takes less than 30 s when a next hop over %s never answers', async link => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    })
    const silent = await startSilentServer()
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [
        account('payer'),
        link === 'btp'
          ? account('shop')
          : account('shop', { btp: undefined, http: dialled(silent.url, 'token') }),
      ],
    })
    const held = link === 'btp' ? new HeldPackets(await node.plugin('shop')).take(2) : silent.requests(2)
    const payer = await node.plugin('payer')
    const expiresAt = new Date(Date.now() + 300_000)
    const prepare = testPrepare({ destination: 'test.node.shop', expiresAt })
    // Neither gets an answer: both are still in flight when the connector gives up.
    payer.sendData(prepare.toBuffer()).catch(() => {})
    post(node.ilpUrl('payer'), tokenOf('payer'), prepare).catch(() => {})
    await held

    const begunMs = Date.now()
    let isStopped = false
    const stopped = node.connector.stop().then(() => {
      isStopped = true
    })
    while (!isStopped) {
      await vi.advanceTimersByTimeAsync(50)
      await turn()
    }
    await stopped
    expect(Date.now() - begunMs).toBeGreaterThan(20_000)
    expect(Date.now() - begunMs).toBeLessThan(30_000)
  })

  it('takes no time when nothing is in flight', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('payer'), account('shop')],
    })
    const payer = await node.plugin('payer')
    expect(outcome(await send(payer, 'test.node.shop', 1n))).toBe('T01')
    // From here on, what waits for the clock waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
    await node.connector.stop()
  })
})
