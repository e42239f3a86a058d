import { type LoadOptions, type LoadResult, runBtpLoad, startIlpConnector } from '@ilp/test-peers'
import { versionOf } from './machine.js'
import { ADDRESS, ASSET, type ConnectorOptions, DESTINATION, startOurConnector } from './our-connector.js'

export const ILP_CONNECTOR = `ilp-connector ${versionOf('ilp-connector')}`

const TOKENS = { alice: 'token-of-alice', bob: 'token-of-bob' }

/** What a load can be told, apart from where it goes. */
export type BtpLoad = Pick<LoadOptions, 'window' | 'busyPoll' | 'warmupMs'> &
  ({ readonly packets: number } | { readonly durationMs: number })

/** A connector that is measured: one process, with `alice` and `bob` dialling it over BTP. */
export interface BtpConnector {
  /** Sends Prepares from alice to bob. Throws unless each of them is fulfilled. */
  readonly load: (load: BtpLoad) => Promise<LoadResult>
  readonly stop: () => Promise<void>
}

export async function startOurs(options?: ConnectorOptions) {
  const links = (username: 'alice' | 'bob') => ({ btp: { incomingTokens: [TOKENS[username]] } })
  const connector = await startOurConnector({ alice: links('alice'), bob: links('bob') }, options)
  const origin = connector.url.replace(/^http/, 'ws')
  const url = (username: string) => `${origin}/accounts/${username}/ilp/btp`
  const { child, adminUrl, stop } = connector
  return { ...measured(url, child.pid, stop), child, adminUrl }
}

export async function startIlpConnectorOfNpm(): Promise<BtpConnector> {
  const account = (username: 'alice' | 'bob') =>
    ({ relation: 'child', asset: ASSET, btp: { listen: { token: TOKENS[username] } } }) as const
  const accounts = { alice: account('alice'), bob: account('bob') }
  const connector = await startIlpConnector({ address: ADDRESS, accounts })
  return measured(connector.url, connector.process.pid ?? 0, connector.stop)
}

function measured(
  url: (username: string) => string,
  cpuPid: number,
  stop: () => Promise<void>,
): BtpConnector {
  const peer = (username: 'alice' | 'bob') => ({ url: url(username), token: TOKENS[username] })
  const through = { sender: peer('alice'), receiver: peer('bob'), destination: DESTINATION, cpuPid }
  const load = async (options: BtpLoad) => {
    const result = await runBtpLoad({ ...through, ...options })
    if (result.fulfilled === result.sent && result.delivered === result.sent) return result
    throw new Error(
      `${result.sent} packets sent, ${result.fulfilled} fulfilled, ${result.delivered} delivered`,
    )
  }
  return { load, stop }
}

/** Starts both connectors, and stops them when the measurement is over, however it ends. */
export async function withBoth<T>(
  measure: (ours: BtpConnector, peer: BtpConnector) => Promise<T>,
): Promise<T> {
  const ours = await startOurs()
  try {
    const peer = await startIlpConnectorOfNpm()
    return await measure(ours, peer).finally(peer.stop)
  } finally {
    await ours.stop()
  }
}
