import { createBtpPlugin, freePorts, startIlpConnector } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startLaptop } from './network/laptop.js'
import { destination } from './network/payer.js'
import { AdminApi } from './support/admin-api.js'
import { type RunningConnector, startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { npmReceiver } from './support/npm-receiver.js'
import { outcome, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local, type Settings, usd } from './support/settings.js'

const startParent = (more: Settings = {}): Promise<RunningConnector> =>
  startConnector({
    ilpAddress: 'test.parent',
    accounts: [account('kid'), local('alice'), account('payer')],
    ...more,
  })

/** A connector that has its address from whoever it reaches by this link. */
const startKid = (link: Settings, more: Settings = {}): Promise<RunningConnector> =>
  startConnector({
    accounts: [
      account('up', { relation: 'parent', http: undefined, btp: undefined, ...link }),
      local('bob'),
      account('customer'),
    ],
    ...more,
  })

const hasAddress = (node: RunningConnector, address: string) =>
  eventually(node.connector.address).toBe(address)

describe('a connector without an address', () => {
  it('learns it from its parent, and is paid and pays through it', async () => {
    const parent = await startParent()
    const kid = await startKid({ btp: dialled(parent.btpUrl('kid'), tokenOf('kid')) })
    await hasAddress(kid, 'test.parent.kid')

    const bob = await credentialsOf(kid, 'bob')
    expect(bob.destinationAccount).toMatch(/^test\.parent\.kid\.bob\./)
    await payByStream(await parent.plugin('payer'), bob, 30_000n)
    await payByStream(await kid.plugin('customer'), await credentialsOf(parent, 'alice'), 12_345n)
    expect(await parent.balances('payer', 'kid', 'alice')).toEqual({
      payer: -30_000n,
      kid: 17_655n,
      alice: 12_345n,
    })
    expect(await kid.balances('up', 'bob', 'customer')).toEqual({
      up: -17_655n,
      bob: 30_000n,
      customer: -12_345n,
    })
  })

  it('learns it over HTTP as well, and when the way back takes long', async () => {
    const parent = await startParent()
    const kid = await startKid(
      { http: dialled(parent.ilpUrl('kid'), tokenOf('kid')) },
      { expiry: { minMessageWindowMs: 6_000 } },
    )
    await hasAddress(kid, 'test.parent.kid')
    expect(outcome(await send(await kid.plugin('customer'), 'test.parent.payer', 0n))).toBe('T01')
  })

  it('learns it from npm’s ilp-connector, and is paid and pays through it', async () => {
    const customer = (token: string) =>
      ({ relation: 'child', asset: usd, btp: { listen: { token } } }) as const
    const parent = await startIlpConnector({
      address: 'test.npm',
      accounts: { kid: customer('kid'), payer: customer('payer'), shop: customer('shop') },
    })
    onTestFinished(parent.stop)
    const plugin = async (username: string) => {
      const made = createBtpPlugin({ server: { url: parent.url(username), token: username } })
      onTestFinished(() => made.disconnect())
      await made.connect()
      return made
    }
    const kid = await startKid({ btp: dialled(parent.url('kid'), 'kid') })
    await hasAddress(kid, 'test.npm.kid')

    await payByStream(await plugin('payer'), await credentialsOf(kid, 'bob'), 30_000n)
    const shop = await npmReceiver(await plugin('shop'))
    await payByStream(await kid.plugin('customer'), shop.credentials, 12_345n)
    expect(shop.received()).toBe(12_345n)
    await eventually(parent.balances).toEqual({ payer: 30_000n, kid: -17_655n, shop: -12_345n })
    expect(await kid.balances('up', 'bob', 'customer')).toEqual({
      up: -17_655n,
      bob: 30_000n,
      customer: -12_345n,
    })
  })

  it('gives npm’s ilp-connector, as its child, an address below its own', async () => {
    const parent = await startParent()
    const kid = await startIlpConnector({
      accounts: {
        up: {
          relation: 'parent',
          asset: usd,
          btp: { dial: { url: parent.btpUrl('kid'), token: tokenOf('kid') } },
        },
        customer: { relation: 'child', asset: usd, btp: { listen: { token: 'customer' } } },
      },
    })
    onTestFinished(kid.stop)
    expect(kid.address).toBe('test.parent.kid')
    const customer = createBtpPlugin({ server: { url: kid.url('customer'), token: 'customer' } })
    onTestFinished(() => customer.disconnect())
    await customer.connect()
    await payByStream(customer, await credentialsOf(parent, 'alice'), 5_005n)
    expect(await parent.balances('kid', 'alice')).toEqual({ kid: -5_005n, alice: 5_005n })
    await eventually(kid.balances).toEqual({ up: -5_005n, customer: 5_005n })
  })

  it('starts before its parent does', async () => {
    const [port] = await freePorts(1)
    const kid = await startKid({ btp: dialled(`ws://127.0.0.1:${port}/btp`, tokenOf('kid')) })
    expect(kid.connector.address()).toBeUndefined()
    expect(outcome(await send(await kid.plugin('customer'), 'test.parent.alice', 1n))).toBe('T01')
    await startParent({ listen: `127.0.0.1:${port}` })
    await hasAddress(kid, 'test.parent.kid')
  })

  it('follows its parent to another address as soon as the parent is back', async () => {
    const parent = await startParent()
    const { port } = new URL(parent.url)
    const kid = await startKid({ btp: dialled(parent.btpUrl('kid'), tokenOf('kid')) })
    await hasAddress(kid, 'test.parent.kid')
    await parent.connector.stop()

    const moved = await startParent({ ilpAddress: 'test.moved', listen: `127.0.0.1:${port}` })
    await hasAddress(kid, 'test.moved.kid')
    await payByStream(await moved.plugin('payer'), await credentialsOf(kid, 'bob'), 777n)
    expect(await kid.balances('bob')).toEqual({ bob: 777n })
    expect(outcome(await send(await moved.plugin('payer'), 'test.parent.kid.bob', 1n))).toBe('F02')
  })
})

/** The account of a parent, who knows this node by that name. */
const upTo = (parent: RunningConnector, self: string): Settings =>
  account('up', { relation: 'parent', http: undefined, btp: dialled(parent.btpUrl(self), tokenOf(self)) })

describe('the address of a parent that gets another one', () => {
  it('is followed by its children at once, whose payments and routes go on there', async () => {
    const top = await startConnector({ ilpAddress: 'test.top', accounts: [account('payer')] })
    const api = await AdminApi.of(top)
    expect((await api.post('/accounts', account('mid', { ilpAddress: 'test.top.old' }))).status).toBe(201)
    const mid = await startConnector({ accounts: [upTo(top, 'mid'), account('kid'), account('laptop')] })
    const kid = await startConnector({
      accounts: [upTo(mid, 'kid'), local('bob'), account('customer')],
    })
    await hasAddress(kid, 'test.top.old.kid')
    /** The way to the top, as the kid was told. */
    const wayToTop = async () => {
      const routes = (await (await kid.admin('/routes')).json()) as { prefix: string; path: string[] }[]
      return routes.find(({ prefix }) => prefix === 'test.top')?.path
    }
    await eventually(wayToTop).toEqual(['test.top.old', 'test.top'])
    const laptop = await startLaptop(mid.btpUrl('laptop'))
    expect(await laptop.child.learned).toBe('test.top.old.laptop')
    await payByStream(await top.plugin('payer'), await credentialsOf(kid, 'bob'), 1_000n)

    // Far less than the minute after which parents are asked anyway.
    expect((await api.patch('/accounts/mid', { ilpAddress: 'test.top.new' })).status).toBe(200)
    await hasAddress(mid, 'test.top.new')
    await hasAddress(kid, 'test.top.new.kid')
    await eventually(laptop.child.address).toBe('test.top.new.laptop')
    await payByStream(await top.plugin('payer'), await credentialsOf(kid, 'bob'), 234n)
    const paid = await laptop.sender.pay({
      ...destination(await credentialsOf(kid, 'bob')),
      amount: { source: 60n },
    })
    expect([paid.end, paid.delivered]).toEqual(['completed', 60n])
    expect(await kid.balances('bob')).toEqual({ bob: 1_294n })
    await eventually(wayToTop).toEqual(['test.top.new', 'test.top'])
    expect(outcome(await send(await kid.plugin('customer'), 'test.top.old.kid.bob', 1n))).toBe('F02')
  })
})
