import {
  createBtpPlugin,
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
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local, usd } from './support/settings.js'

type Links = IlpConnectorAccount['btp']

/** npm's connector, with an account for us, a customer that pays and one that is paid. */
async function startNpm(ours: Links): Promise<IlpConnector> {
  const customer = (token: string) => ({ relation: 'child', asset: usd, btp: { listen: { token } } }) as const
  const npm = await startIlpConnector({
    address: 'test.npm',
    accounts: {
      ours: { relation: 'peer', asset: usd, btp: ours },
      payer: customer('token-of-payer'),
      shop: customer('token-of-shop'),
    },
    routes: [{ prefix: 'test.ours', account: 'ours' }],
  })
  onTestFinished(npm.stop)
  return npm
}

/** Our connector, with an account for npm's, a local account that is paid, and a customer that pays. */
const startOurs = (btp: object): Promise<RunningConnector> =>
  startConnector({
    ilpAddress: 'test.ours',
    accounts: [
      account('npm', { relation: 'peer', ilpAddress: 'test.npm', btp }),
      local('alice'),
      account('payer'),
    ],
  })

async function customerOf(npm: IlpConnector, username: string): Promise<Plugin> {
  const plugin = createBtpPlugin({ server: { url: npm.url(username), token: `token-of-${username}` } })
  onTestFinished(() => plugin.disconnect())
  await plugin.connect()
  return plugin
}

const pairs = {
  'whose BTP client it is': async () => {
    const ours = await startOurs({ incomingTokens: [tokenOf('npm')] })
    return { ours, npm: await startNpm({ dial: { url: ours.btpUrl('npm'), token: tokenOf('npm') } }) }
  },
  'whose BTP server it is': async () => {
    const npm = await startNpm({ listen: { token: 'token-of-ours' } })
    const ours = await startOurs(dialled(npm.url('ours'), 'token-of-ours'))
    await ours.linkUp('npm')
    return { ours, npm }
  },
}

describe('npm’s ilp-connector', () => {
  it.each(Object.entries(pairs))(
    'exchanges payments with a peer %s, and agrees to the unit',
    async (_, start) => {
      const { ours, npm } = await start()

      const credentials = await credentialsOf(ours, 'alice')
      await payByStream(await customerOf(npm, 'payer'), credentials, 700_000n)
      expect(await ours.balances('npm', 'alice')).toEqual({ npm: -700_000n, alice: 700_000n })
      // What each shows of the other is the same figure: their signs differ, and so do their points of view.
      await eventually(npm.balances).toEqual({ payer: 700_000n, ours: -700_000n, shop: 0n })

      const shop = await npmReceiver(await customerOf(npm, 'shop'))
      await payByStream(await ours.plugin('payer'), shop.credentials, 950_001n)
      expect(shop.received()).toBe(950_001n)
      expect(await ours.balances('npm', 'payer')).toEqual({ npm: 250_001n, payer: -950_001n })
      await eventually(npm.balances).toEqual({ payer: 700_000n, ours: 250_001n, shop: -950_001n })
      expect(await ours.positions()).toEqual({})
    },
  )
})
