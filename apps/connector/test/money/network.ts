import { sequence } from '@ilp/service-core'
import { type RecordingLogger, recordingLogger } from '@ilp/service-testing'
import { checkConfig, createConnector } from '../../src/index.js'
import { type AdminClient, adminClient } from '../peers/admin.js'
import { TcpProxy } from '../peers/tcp-proxy.js'
import { btpEndpoint, type Endpoint, httpEndpoint, type Play } from './endpoints.js'
import {
  type EndpointSpec,
  LINK_ASSETS,
  type Link,
  NAMES,
  type Name,
  NODES,
  type Node,
  RATES,
  SPREADS,
  specOf,
} from './topology.js'

const ADMIN_TOKEN = 'admin'
const WINDOW_MS = 100
/** As good as none. */
const NO_MINIMUM = -(2n ** 100n)

/** What the connectors take off each packet's time, together. */
export const WINDOWS_MS = WINDOW_MS * NODES.length

export interface Network {
  readonly admin: Readonly<Record<Node, AdminClient>>
  readonly loggers: Readonly<Record<Node, RecordingLogger>>
  readonly endpoints: Readonly<Record<Name, Endpoint>>
  /** What stands in the middle of a link, one for each way that connections are made. */
  readonly links: Readonly<Record<Link, readonly TcpProxy[]>>
  readonly stop: () => Promise<void>
}

/** Starts the three connectors, with proxies between them, and connects all endpoints. */
export async function startNetwork(play: Play): Promise<Network> {
  const proxies = { ab: new TcpProxy(), bc: new TcpProxy(), cb: new TcpProxy() }
  const [ab, bc, cb] = await Promise.all(
    Object.values(proxies).map(async proxy => `127.0.0.1:${await proxy.open()}`),
  )
  const web = Object.fromEntries(
    await Promise.all(
      NAMES.filter(name => specOf(name).link === 'http').map(
        async name => [name, await httpEndpoint(tokenOf(name), play)] as const,
      ),
    ),
  )
  const neighbours: Record<Node, object[]> = {
    a: [link('b', 'ab', { btp: { outgoing: { url: `ws://${ab}/btp`, token: 'a-to-b' } } })],
    b: [
      link('a', 'ab', { btp: { incomingTokens: ['a-to-b'] } }),
      link('c', 'bc', {
        http: { incomingTokens: ['c-to-b'], outgoing: { url: `http://${bc}/ilp`, token: 'b-to-c' } },
      }),
    ],
    c: [
      link('b', 'bc', {
        http: { incomingTokens: ['b-to-c'], outgoing: { url: `http://${cb}/ilp`, token: 'c-to-b' } },
      }),
    ],
  }
  const routes = { a: [['test.c', 'b']], b: [], c: [['test.a', 'b']] } as const
  const loggers = { a: recordingLogger(), b: recordingLogger(), c: recordingLogger() }
  const start = (node: Node) => {
    const own = NAMES.filter(name => specOf(name).node === node)
    const settings = {
      ilpAddress: `test.${node}`,
      listen: '127.0.0.1:0',
      adminListen: '127.0.0.1:0',
      adminToken: ADMIN_TOKEN,
      secretSeed: '42'.repeat(32),
      expiry: { minMessageWindowMs: WINDOW_MS, maxHoldMs: 30_000 },
      exchangeRates: { provider: 'static', rates: RATES, spread: SPREADS[node] },
      accounts: [...own.map(name => child(name, specOf(name), web[name]?.url)), ...neighbours[node]],
      routes: routes[node].map(([prefix, account]) => ({ prefix, account })),
    }
    return createConnector(checkConfig(settings), { logger: loggers[node] })
  }
  const connectors = { a: start('a'), b: start('b'), c: start('c') }
  const all = sequence([connectors.c, connectors.b, { start: async () => point() }, connectors.a])
  const point = () => {
    const portOf = (node: Node) => Number(new URL(connectors[node].url()).port)
    proxies.ab.targetPort = portOf('b')
    proxies.bc.targetPort = portOf('c')
    proxies.cb.targetPort = portOf('b')
  }
  await all.start()

  const endpoints = Object.fromEntries(
    await Promise.all(
      NAMES.map(async name => {
        const url = connectors[specOf(name).node].url()
        web[name]?.connect(url)
        return [name, web[name] ?? (await btpEndpoint(url, tokenOf(name), play))] as const
      }),
    ),
  ) as Record<Name, Endpoint>
  const admin = (node: Node) => adminClient(connectors[node].adminUrl() ?? '', ADMIN_TOKEN)

  return {
    admin: { a: admin('a'), b: admin('b'), c: admin('c') },
    loggers,
    endpoints,
    links: { ab: [proxies.ab], bc: [proxies.bc, proxies.cb] },
    stop: async () => {
      await Promise.all(Object.values(endpoints).map(endpoint => endpoint.close()))
      for (const proxy of Object.values(proxies)) proxy.cut()
      await all.stop()
      await Promise.all(Object.values(proxies).map(proxy => proxy.close()))
    },
  }
}

const tokenOf = (name: Name): string => `token-of-${name}`

function child(username: Name, { link, asset, minBalance, maxPacketAmount }: EndpointSpec, url?: string) {
  const incomingTokens = [tokenOf(username)]
  return {
    username,
    relation: 'child',
    asset,
    minBalance: String(minBalance ?? NO_MINIMUM),
    maxPacketAmount: maxPacketAmount?.toString(),
    [link]: url === undefined ? { incomingTokens } : { incomingTokens, outgoing: { url } },
  }
}

/** A neighbour's account. */
const link = (username: Node, of: Link, settings: object) => ({
  username,
  relation: 'peer',
  ilpAddress: `test.${username}`,
  asset: LINK_ASSETS[of],
  minBalance: String(NO_MINIMUM),
  ...settings,
})
