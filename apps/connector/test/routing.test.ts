import { isFulfill } from '@ilp/service-core'
import {
  createBtpPlugin,
  freePorts,
  type IlpConnector,
  type IlpConnectorAccount,
  type Plugin,
  startIlpConnector,
} from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RunningConnector, startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { npmReceiver } from './support/npm-receiver.js'
import { fulfilAll, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local, type Settings, usd } from './support/settings.js'

/** A connector, whose accounts have no addresses but those below its own: all else has to be told by peers. */
const startOurs = (
  ilpAddress: string,
  accounts: Settings[],
  more: Settings = {},
): Promise<RunningConnector> =>
  startConnector({ ilpAddress, routeBroadcastIntervalMs: 4_000, accounts, ...more })

/** How a packet there is answered, and by which node. */
const answer = (plugin: Plugin, destination: string) =>
  eventually(async () => {
    const reply = await send(plugin, destination, 1n)
    return isFulfill(reply) ? 'fulfilled' : `${reply.code} of ${reply.triggeredBy}`
  })

describe('npm’s ilp-connector, as a peer that is told routes and tells its own', () => {
  const startNpm = async (ours: IlpConnectorAccount['btp']): Promise<IlpConnector> => {
    const customer = (token: string) =>
      ({ relation: 'child', asset: usd, btp: { listen: { token } } }) as const
    const npm = await startIlpConnector({
      address: 'test.npm',
      accounts: {
        ours: { relation: 'peer', asset: usd, btp: ours },
        payer: customer('token-of-payer'),
        shop: customer('token-of-shop'),
      },
      routing: true,
    })
    onTestFinished(npm.stop)
    return npm
  }

  const customerOf = async (npm: IlpConnector, username: string): Promise<Plugin> => {
    const plugin = createBtpPlugin({ server: { url: npm.url(username), token: `token-of-${username}` } })
    onTestFinished(() => plugin.disconnect())
    await plugin.connect()
    return plugin
  }

  /** Our connector, with a customer whose address is elsewhere. */
  const startPeer = (btp: object) =>
    startOurs('test.ours', [
      account('npm', { relation: 'peer', btp }),
      local('alice'),
      account('payer'),
      account('kid', { ilpAddress: 'test.kid' }),
    ])

  const pairs = {
    'whose BTP client it is': async () => {
      const ours = await startPeer({ incomingTokens: [tokenOf('npm')] })
      return { ours, npm: await startNpm({ dial: { url: ours.btpUrl('npm'), token: tokenOf('npm') } }) }
    },
    'whose BTP server it is': async () => {
      const npm = await startNpm({ listen: { token: 'token-of-ours' } })
      return { npm, ours: await startPeer(dialled(npm.url('ours'), 'token-of-ours')) }
    },
  }

  it.each(Object.entries(pairs))(
    'exchanges payments with a node %s, by routes told alone',
    async (_, start) => {
      const { ours, npm } = await start()
      const payerOfNpm = await customerOf(npm, 'payer')
      const kid = await ours.plugin('kid')
      fulfilAll(kid)
      await answer(payerOfNpm, 'test.kid.shop').toBe('fulfilled')

      const shop = await npmReceiver(await customerOf(npm, 'shop'))
      const payer = await ours.plugin('payer')
      await answer(payer, 'test.npm.shop').toMatch(/^F.. of test\.npm/)
      await payByStream(payer, shop.credentials, 950_001n)
      expect(shop.received()).toBeGreaterThanOrEqual(950_001n)

      await payByStream(payerOfNpm, await credentialsOf(ours, 'alice'), 700_000n)
      expect(await ours.balance('alice')).toMatchObject({ balance: 700_000n })

      await npm.stop()
      await answer(await ours.plugin('payer'), 'test.npm.shop').toBe('F02 of test.ours')
    },
  )
})

describe('connectors that are told routes', () => {
  it('reach a customer of two providers by the second when the first is gone', async () => {
    const customer = () => account('c', { ilpAddress: 'test.c' })
    const peer = (name: string, btp: Settings = { incomingTokens: [tokenOf(name)] }) =>
      account(name, { relation: 'peer', http: undefined, btp })
    const b = await startOurs('test.b', [customer(), peer('a')])
    const d = await startOurs('test.d', [customer(), peer('a')])
    const a = await startOurs('test.a', [
      account('payer'),
      peer('b', dialled(b.btpUrl('a'), tokenOf('a'))),
      peer('d', dialled(d.btpUrl('a'), tokenOf('a'))),
    ])
    for (const provider of [b, d]) fulfilAll(await provider.plugin('c'))
    const payer = await a.plugin('payer')
    await answer(payer, 'test.c').toBe('fulfilled')
    await answer(payer, 'test.d').toBe('F02 of test.d')

    const before = await a.balance('d')
    await b.connector.stop()
    await answer(payer, 'test.c').toBe('fulfilled')
    expect((await a.balance('d')).balance).toBeGreaterThan(before.balance)
  })

  it('over HTTP lose those of a node that is gone with the hold-down time', async () => {
    const ports = await freePorts(2)
    const [listenA, listenB] = ports.map(port => `127.0.0.1:${port}`)
    const peer = (name: string, self: string, listen: string | undefined) => {
      const { outgoing } = dialled(`http://${listen}/accounts/${self}/ilp`, tokenOf(self))
      const http = { incomingTokens: [tokenOf(name)], outgoing }
      return account(name, { relation: 'peer', btp: undefined, http })
    }
    const a = await startOurs('test.a', [account('payer'), peer('b', 'a', listenB)], { listen: listenA })
    const b = await startOurs('test.b', [account('c'), peer('a', 'b', listenA)], { listen: listenB })
    const payer = await a.plugin('payer')
    await answer(payer, 'test.b.c').toBe('T01 of test.b')
    await b.connector.stop()
    await answer(payer, 'test.b.c').toBe('T01 of test.a')
    await answer(payer, 'test.b.c').toBe('F02 of test.a')
  })
})
