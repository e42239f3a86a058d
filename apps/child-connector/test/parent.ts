import { createBtpPlugin, type IlpConnector, type Plugin, startIlpConnector } from '@ilp/test-peers'
import { onTestFinished } from 'vitest'

export const usd = { code: 'USD', scale: 9 }

/** npm's connector, with the laptop and another customer as its children. */
export async function startParent(): Promise<IlpConnector> {
  const child = (token: string) => ({ relation: 'child', asset: usd, btp: { listen: { token } } }) as const
  const parent = await startIlpConnector({
    address: 'test.parent',
    accounts: { laptop: child('of-laptop'), other: child('of-other') },
  })
  onTestFinished(parent.stop)
  return parent
}

export async function pluginOf(parent: IlpConnector): Promise<Plugin> {
  const plugin = createBtpPlugin({ server: { url: parent.url('other'), token: 'of-other' } })
  onTestFinished(() => plugin.disconnect())
  await plugin.connect()
  return plugin
}
