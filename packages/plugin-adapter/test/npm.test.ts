import { createRequire } from 'node:module'
import {
  createBtpPlugin,
  type MoneyStream,
  type Plugin,
  type StreamConnection,
  streamCompat,
} from '@ilp/test-peers'
import { describe, expect, it } from 'vitest'
import { startNode } from './node.js'

interface Credentials {
  readonly destinationAccount: string
  readonly sharedSecret: Buffer
}

/** Pays with npm's `ilp-protocol-stream`: what it believes to have delivered. */
async function pay(plugin: Plugin, credentials: Credentials, amount: bigint): Promise<bigint> {
  const connection = await streamCompat().createConnection({ plugin, ...credentials })
  await connection.createStream().sendTotal(amount.toString())
  const delivered = BigInt(connection.totalDelivered)
  await plugin.disconnect()
  return delivered
}

/** A STREAM receiver of npm's behind a plugin. */
async function npmReceiver(plugin: Plugin) {
  const server = await streamCompat().createServer({ plugin })
  let received = 0n
  server.on('connection', (connection: StreamConnection) =>
    connection.on('stream', (stream: MoneyStream) => {
      stream.setReceiveMax(Number.MAX_SAFE_INTEGER)
      stream.on('money', (amount: string) => {
        received += BigInt(amount)
      })
    }),
  )
  return { credentials: server.generateAddressAndSecret(), received: () => received }
}

describe('a chain as a plugin', () => {
  it('carries a payment of npm’s ilp-protocol-stream to a receiver of ours', async () => {
    const node = await startNode('test.node', { programs: ['payer'] })
    const delivered = await pay(node.plugins[0] as Plugin, node.credentials(), 1_234_567n)
    expect([delivered, node.received()]).toEqual([1_234_567n, 1_234_567n])
  })

  it('carries a payment between two programs that use npm’s ilp-protocol-stream', async () => {
    const node = await startNode('test.node', { programs: ['payer', 'taker'] })
    const [payer, taker] = node.plugins as [(typeof node.plugins)[0], (typeof node.plugins)[0]]
    const { credentials, received } = await npmReceiver(taker)
    expect(credentials.destinationAccount).toMatch(/^test\.node\.taker\./)
    expect([await pay(payer, credentials, 50_000n), received()]).toEqual([50_000n, 50_000n])
  })

  it('carries a payment of npm’s @interledger/pay', async () => {
    const node = await startNode('test.node', { programs: ['payer'] })
    const { quote } = createRequire(import.meta.url)('@interledger/pay') as PayModule
    const { destinationAccount, sharedSecret } = node.credentials()
    const quoted = await quote({
      plugin: node.plugins[0] as Plugin,
      destinationAddress: destinationAccount,
      sharedSecret,
      amountToSend: '0.000654321',
    })
    const { error, amountDelivered } = await quoted.pay()
    expect(error).toBeUndefined()
    expect(`${amountDelivered}`).toBe('0.000654321')
    expect(node.received()).toBe(654_321n)
  })
})

interface PayModule {
  readonly quote: (options: {
    readonly plugin: Plugin
    readonly destinationAddress: string
    readonly sharedSecret: Buffer
    readonly amountToSend: string
  }) => Promise<{
    readonly pay: () => Promise<{ readonly error?: string; readonly amountDelivered: object }>
  }>
}

describe('npm’s ilp-plugin-btp as a link', () => {
  it('connects two nodes, whichever of them dials, and payments pass both ways', async () => {
    const listening = createBtpPlugin({ listener: { token: 'secret' } })
    const near = await startNode('test.near', {
      programs: ['payer'],
      peers: { far: { plugin: listening, ilpAddress: 'test.far' } },
    })
    const dialling = createBtpPlugin({ server: { url: await listening.url, token: 'secret' } })
    const far = await startNode('test.far', {
      programs: ['payer'],
      peers: { near: { plugin: dialling, ilpAddress: 'test.near' } },
    })
    await expect.poll(() => listening.isConnected() && dialling.isConnected(), { interval: 5 }).toBe(true)
    expect(await pay(near.plugins[0] as Plugin, far.credentials(), 70_001n)).toBe(70_001n)
    expect(await pay(far.plugins[0] as Plugin, near.credentials(), 30_003n)).toBe(30_003n)
    expect([near.received(), far.received()]).toEqual([30_003n, 70_001n])
  })
})
