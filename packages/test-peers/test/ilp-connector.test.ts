import { createHash } from 'node:crypto'
import {
  deserializeIlpReply,
  type IlpReply,
  isFulfill,
  serializeIlpFulfill,
  serializeIlpPrepare,
} from 'ilp-packet'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createBtpPlugin,
  type DiallingOptions,
  type IlpConnectorOptions,
  type ListeningOptions,
  type Plugin,
  startIlpConnector,
} from '../src/index.js'

const usd = { code: 'USD', scale: 9 }
const fulfillment = Buffer.alloc(32)

async function pay(plugin: Plugin, destination: string, amount: bigint): Promise<IlpReply> {
  const prepare = serializeIlpPrepare({
    amount: String(amount),
    destination,
    executionCondition: createHash('sha256').update(fulfillment).digest(),
    expiresAt: new Date(Date.now() + 30_000),
    data: Buffer.alloc(0),
  })
  return deserializeIlpReply(await plugin.sendData(prepare))
}

describe('startIlpConnector', () => {
  const closers: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close()
  })

  const connector = async (options: IlpConnectorOptions) => {
    const started = await startIlpConnector(options)
    closers.push(started.stop)
    return started
  }
  const fulfilling = <P extends Plugin>(plugin: P): P => {
    plugin.registerDataHandler(async () => serializeIlpFulfill({ fulfillment, data: Buffer.alloc(0) }))
    closers.push(() => plugin.disconnect())
    return plugin
  }
  const dialling = async (url: string, token: string) => {
    const plugin = fulfilling(createBtpPlugin({ server: { url, token } } satisfies DiallingOptions))
    await plugin.connect()
    return plugin
  }

  it('lets two npm plugins pay each other, and shows who owes it as positive', async () => {
    const { address, url, balances } = await connector({
      address: 'test.npm',
      accounts: {
        alice: { relation: 'child', asset: usd, btp: { listen: { token: 'of-alice' } } },
        bob: { relation: 'child', asset: usd, btp: { listen: { token: 'of-bob' } } },
      },
    })
    expect(address).toBe('test.npm')
    const alice = await dialling(url('alice'), 'of-alice')
    const bob = await dialling(url('bob'), 'of-bob')
    expect(isFulfill(await pay(alice, 'test.npm.bob', 100n))).toBe(true)
    expect(isFulfill(await pay(bob, 'test.npm.alice.shop', 30n))).toBe(true)
    expect(await balances()).toEqual({ alice: 70n, bob: -70n })
  })

  it('dials, exchanges at its rates and keeps its limits', async () => {
    const bob = fulfilling(createBtpPlugin({ listener: { token: 'of-npm' } } satisfies ListeningOptions))
    const connected = bob.connect()
    const { url, balances } = await connector({
      address: 'g.npm',
      accounts: {
        alice: {
          relation: 'peer',
          asset: usd,
          btp: { listen: { token: 'of-alice' } },
          balance: { maximum: 1_500n },
          maxPacketAmount: 1_000n,
        },
        bob: {
          relation: 'peer',
          asset: { code: 'XRP', scale: 6 },
          btp: { dial: { url: await bob.url, token: 'of-npm' } },
        },
      },
      routes: [{ prefix: 'g.bob', account: 'bob' }],
      rates: { USD: 1, XRP: 2 },
    })
    await connected
    const alice = await dialling(url('alice'), 'of-alice')
    expect(isFulfill(await pay(alice, 'g.bob.shop', 1_000n))).toBe(true)
    expect(await pay(alice, 'g.bob.shop', 1_001n)).toMatchObject({ code: 'F08' })
    expect(await pay(alice, 'g.bob.shop', 501n)).toMatchObject({ code: 'T04' })
    expect(await balances()).toEqual({ alice: 1_000n, bob: -2n })
  })

  it('learns its address from its parent, and sends there what it knows no route for', async () => {
    const parent = await connector({
      address: 'test.parent',
      accounts: {
        kid: { relation: 'child', asset: usd, btp: { listen: { token: 'of-kid' } } },
        bob: { relation: 'child', asset: usd, btp: { listen: { token: 'of-bob' } } },
      },
    })
    const kid = await connector({
      accounts: {
        parent: {
          relation: 'parent',
          asset: usd,
          btp: { dial: { url: parent.url('kid'), token: 'of-kid' } },
        },
        alice: { relation: 'child', asset: usd, btp: { listen: { token: 'of-alice' } } },
      },
    })
    expect(kid.address).toBe('test.parent.kid')
    const alice = await dialling(kid.url('alice'), 'of-alice')
    await dialling(parent.url('bob'), 'of-bob')
    expect(isFulfill(await pay(alice, 'test.parent.bob', 5n))).toBe(true)
    expect(await parent.balances()).toEqual({ kid: 5n, bob: -5n })
    expect(await kid.balances()).toEqual({ parent: -5n, alice: 5n })
  })

  it('learns routes from a peer that it dials', async () => {
    const far = await connector({
      address: 'test.far',
      routing: true,
      accounts: {
        near: { relation: 'peer', asset: usd, btp: { listen: { token: 'of-near' } } },
        bob: { relation: 'child', asset: usd, btp: { listen: { token: 'of-bob' } } },
      },
    })
    await dialling(far.url('bob'), 'of-bob')
    const near = await connector({
      address: 'test.near',
      routing: true,
      accounts: {
        far: { relation: 'peer', asset: usd, btp: { dial: { url: far.url('near'), token: 'of-near' } } },
        alice: { relation: 'child', asset: usd, btp: { listen: { token: 'of-alice' } } },
      },
    })
    const alice = await dialling(near.url('alice'), 'of-alice')
    await expect
      .poll(async () => isFulfill(await pay(alice, 'test.far.bob', 5n)), { timeout: 30_000 })
      .toBe(true)
    expect(await far.balances()).toEqual({ near: 5n, bob: -5n })
  })

  it('says why it does not start', async () => {
    await expect(connector({ address: 'not an address', accounts: {} })).rejects.toThrow(
      'invalid configuration',
    )
    await expect(connector({ accounts: {} })).rejects.toThrow('ILP address must be specified')
  })
})
