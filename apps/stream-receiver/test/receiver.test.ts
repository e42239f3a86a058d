import { checkConfig, createConnector } from '@ilp/connector'
import { decodeReply, silentLogger } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { createBtpPlugin, streamCompat } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createReceiver, type ReceiverDeps } from '../src/index.js'

type Money = Parameters<NonNullable<ReceiverDeps['onMoney']>>[0]

const asset = { code: 'USD', scale: 9 }

async function startReceiver() {
  const money: Money[] = []
  const receiver = createReceiver(
    {
      ilpAddress: 'test.node.shop',
      listen: { host: '127.0.0.1', port: 0 },
      incomingTokens: ['token-of-node', 'its-next-token'],
      secretSeed: '07'.repeat(32),
      asset,
    },
    { logger: silentLogger, onMoney: received => void money.push(received) },
  )
  onTestFinished(() => receiver.stop())
  await receiver.start()
  return { receiver, url: receiver.url(), money }
}

/** A connector that takes packets from a payer over BTP, and posts those for the shop to `url`. */
async function startConnector(url: string) {
  const connector = createConnector(
    checkConfig({
      ilpAddress: 'test.node',
      listen: '127.0.0.1:0',
      secretSeed: '08'.repeat(32),
      accounts: [
        {
          username: 'payer',
          relation: 'child',
          asset,
          minBalance: '-1000000000',
          btp: { incomingTokens: ['token-of-payer'] },
        },
        {
          username: 'shop',
          relation: 'child',
          asset,
          http: { outgoing: { url: `${url}/ilp`, token: 'token-of-node' } },
        },
      ],
    }),
    { logger: silentLogger },
  )
  onTestFinished(() => connector.stop())
  await connector.start()
  return createBtpPlugin({
    server: { url: `${connector.url().replace(/^http/, 'ws')}/btp`, token: 'token-of-payer' },
  })
}

const query = (url: string, headers = {}) =>
  fetch(url, { headers: { accept: 'application/spsp4+json', ...headers } })

async function credentials(url: string) {
  const body = (await (await query(`${url}/.well-known/pay`)).json()) as Record<
    'destination_account' | 'shared_secret',
    string
  >
  return {
    destinationAccount: body.destination_account,
    sharedSecret: Buffer.from(body.shared_secret, 'base64'),
  }
}

const post = (url: string, token: string, destination: string) =>
  fetch(`${url}/ilp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(testPrepare({ destination }).toBuffer()),
  })

describe('the receiver', () => {
  it('is paid by npm’s ilp-protocol-stream through a connector, and told of each unit', async () => {
    const { url, money } = await startReceiver()
    const plugin = await startConnector(url)
    const connection = await streamCompat().createConnection({ plugin, ...(await credentials(url)) })
    await connection.createStream().sendTotal('1234567')
    await connection.end()
    await plugin.disconnect()
    expect(connection.totalDelivered).toBe('1234567')
    expect(money.reduce((sum, { amount }) => sum + amount, 0n)).toBe(1_234_567n)
    expect(money.at(-1)?.totalReceived).toBe(1_234_567n)
  })

  it('issues other credentials for each query, with receipts for a verifier', async () => {
    const { url } = await startReceiver()
    const [one, two] = [await credentials(url), await credentials(url)]
    expect(one.destinationAccount).toMatch(/^test\.node\.shop\.[\w~-]+$/)
    expect(one.sharedSecret).not.toEqual(two.sharedSecret)
    const verifier = await query(`${url}/.well-known/pay`, {
      'receipt-nonce': Buffer.alloc(16).toString('base64'),
      'receipt-secret': Buffer.alloc(32).toString('base64'),
    })
    expect(await verifier.json()).toMatchObject({ receipts_enabled: true })
    expect((await query(`${url}/accounts/bob/spsp`)).status).toBe(404)
  })

  it('takes packets of its connector alone, with any of its tokens', async () => {
    const { url } = await startReceiver()
    const status = async (token: string) => (await post(url, token, 'test.node.shop.x')).status
    expect([await status('token-of-node'), await status('its-next-token'), await status('token')]).toEqual([
      200, 200, 401,
    ])
  })

  it.each([
    ['test.node.shop', 'F06'],
    ['test.node.shop.nobody', 'F06'],
    ['test.node.shopping', 'F02'],
    ['test.node', 'F02'],
    ['peer.config', 'F02'],
    ['g.node.shop', 'F02'],
  ])('answers a packet to %s that is no payment with %s', async (destination, code) => {
    const { url } = await startReceiver()
    const response = await post(url, 'token-of-node', destination)
    expect(decodeReply(Buffer.from(await response.arrayBuffer()))).toMatchObject({
      code,
      triggeredBy: 'test.node.shop',
    })
  })

  it('stops at once when nothing is in flight', async () => {
    const { receiver, url } = await startReceiver()
    await credentials(url)
    onTestFinished(() => void vi.useRealTimers())
    // From here on, what waits for the clock waits for ever.
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
    await receiver.stop()
    vi.useRealTimers()
    await expect(fetch(url)).rejects.toThrow()
  })
})
