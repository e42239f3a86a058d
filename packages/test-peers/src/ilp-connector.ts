import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Asset, Relation } from '@ilp/service-core'
import { type Child, startChild } from './child.js'
import { freePorts } from './free-ports.js'

const require = createRequire(import.meta.url)

const START_MS_MAX = 20_000
const START_TRIES_MAX = 3
const CONNECTED_POLL_MS = 10
const READY_OR_FAILED = /connector ready .*address=(\S+) version=|connector:app error/
/** Its own default, 10,000 packets a minute, would be all that a test measures. */
const RATE_LIMIT = { refillPeriod: 1_000, refillCount: 1_000_000_000 }

/** An account of an npm `ilp-connector`: one `ilp-plugin-btp`, one peer. */
export interface IlpConnectorAccount {
  /** What the peer is to the connector. A child gets the address `<the connector's>.<account id>`. */
  readonly relation: Exclude<Relation, 'local'>
  readonly asset: Asset
  /** `listen`: the peer dials a port of the account's own (`url`) with this token. `dial`: the connector dials. */
  readonly btp:
    | { readonly listen: { readonly token: string } }
    | { readonly dial: { readonly url: string; readonly token: string; readonly username?: string } }
  /** Limits in the connector's own sign, which is the inverse of ours. No limits unless set. */
  readonly balance?: { readonly minimum?: bigint; readonly maximum?: bigint }
  /** The largest amount of a Prepare from this account; none unless set. */
  readonly maxPacketAmount?: bigint
}

export interface IlpConnectorOptions {
  /** Its ILP address. Left out, it asks its first parent, which has to have a test address, for one (IL-DCP). */
  readonly address?: string
  readonly accounts: Readonly<Record<string, IlpConnectorAccount>>
  readonly routes?: readonly { readonly prefix: string; readonly account: string }[]
  /** Whether it exchanges routes with parents and peers (CCP). Off unless set. */
  readonly routing?: boolean
  /**
   * How much of each asset code one unit of a common reference buys: not a price, but its inverse. Left out, all
   * assets are worth the same and only scales differ. No spread either way.
   */
  readonly rates?: Readonly<Record<string, number>>
}

/** A running npm `ilp-connector`. */
export interface IlpConnector {
  readonly address: string
  /** Where the peer of a listening account dials: `ws://127.0.0.1:<port>`. */
  readonly url: (account: string) => string
  /**
   * Its balances by account id, in the account's unit. Positive: the peer owes the connector, which is the inverse of
   * our sign. An incoming Prepare counts from its arrival, an outgoing one from its Fulfill.
   */
  readonly balances: () => Promise<Record<string, bigint>>
  readonly stop: () => Promise<void>
  readonly process: ChildProcess
}

/**
 * Starts npm's `ilp-connector` as a process of its own, with a memory store. Settles once its ports are open and each
 * account that dials is connected. The process ends with `stop`, or with this process.
 * @throws Error with the end of its output, when it doesn't start
 */
export async function startIlpConnector(options: IlpConnectorOptions): Promise<IlpConnector> {
  for (let tries = 1; ; tries++) {
    const [adminPort, ...ports] = await freePorts(1 + Object.keys(options.accounts).length)
    const child = startChild([require.resolve('ilp-connector')], environment(options, adminPort!, ports))
    try {
      const [, address] = await child.printed(READY_OR_FAILED, START_MS_MAX)
      if (address === undefined) throw new Error(`ilp-connector did not start:\n${child.output()}`)
      const admin = <T>(path: string) => get<T>(`http://127.0.0.1:${adminPort}${path}`, child)
      await dialled(options, admin)
      return {
        address,
        url: account => `ws://127.0.0.1:${listeningPort(options, ports, account)}`,
        balances: () => balances(admin),
        stop: child.stop,
        process: child.process,
      }
    } catch (error) {
      await child.stop()
      if (tries === START_TRIES_MAX || !child.output().includes('EADDRINUSE')) throw error
    }
  }
}

function environment(options: IlpConnectorOptions, adminPort: number, ports: readonly number[]) {
  const { address, accounts, routes = [], rates } = options
  const listens = Object.values(accounts).some(({ btp }) => 'listen' in btp)
  return {
    NODE_ENV: 'production',
    ...(address !== undefined && { CONNECTOR_ILP_ADDRESS: address }),
    CONNECTOR_ENV: address?.startsWith('g.') ? 'production' : 'test',
    CONNECTOR_ACCOUNTS: JSON.stringify(
      Object.fromEntries(
        Object.entries(accounts).map(([id, account], i) => [
          id,
          accountSettings(options, account, ports[i]!),
        ]),
      ),
    ),
    CONNECTOR_ROUTES: JSON.stringify(
      routes.map(({ prefix, account }) => ({ targetPrefix: prefix, peerId: account })),
    ),
    CONNECTOR_STORE: 'memory',
    CONNECTOR_SPREAD: '0',
    // Without rates of its own, the other built-in backend fetches them from the European Central Bank.
    CONNECTOR_BACKEND: rates ? 'ecb' : 'one-to-one',
    ...(rates && { CONNECTOR_BACKEND_CONFIG: JSON.stringify({ mockData: { base: 'reference', rates } }) }),
    // An account that listens counts as connected when its peer has come, and it waits for that with being ready.
    ...(listens && { CONNECTOR_INITIAL_CONNECT_TIMEOUT: '1' }),
    CONNECTOR_ADMIN_API: 'true',
    CONNECTOR_ADMIN_API_HOST: '127.0.0.1',
    CONNECTOR_ADMIN_API_PORT: String(adminPort),
  }
}

function accountSettings(
  { routing = false }: IlpConnectorOptions,
  account: IlpConnectorAccount,
  port: number,
) {
  const { relation, asset, btp, balance = {}, maxPacketAmount } = account
  return {
    relation,
    // By its path: the connector can't see what this package depends on.
    plugin: require.resolve('ilp-plugin-btp'),
    assetCode: asset.code,
    assetScale: asset.scale,
    balance: {
      minimum: String(balance.minimum ?? '-Infinity'),
      maximum: String(balance.maximum ?? 'Infinity'),
    },
    ...(maxPacketAmount !== undefined && { maxPacketAmount: String(maxPacketAmount) }),
    rateLimit: RATE_LIMIT,
    // Not `routeBroadcastEnabled`: without it the connector doesn't even load its own routes.
    sendRoutes: routing && relation !== 'child',
    receiveRoutes: routing && relation !== 'child',
    options:
      'listen' in btp
        ? { listener: { port, secret: btp.listen.token, wsOpts: { host: '127.0.0.1', port } } }
        : { server: `btp+${btp.dial.url}`, btpToken: btp.dial.token, btpAccount: btp.dial.username ?? '' },
  }
}

function listeningPort({ accounts }: IlpConnectorOptions, ports: readonly number[], id: string): number {
  const account = accounts[id]
  if (!account || !('listen' in account.btp)) throw new Error(`${id} is no account that listens`)
  return ports[Object.keys(accounts).indexOf(id)]!
}

type Admin = <T>(path: string) => Promise<T>

async function get<T>(url: string, child: Child): Promise<T> {
  const response = await fetch(url).catch((cause: unknown) => {
    throw new Error(`ilp-connector does not answer:\n${child.output()}`, { cause })
  })
  return (await response.json()) as T
}

/** Waits until every account that dials is connected. The connector announces it nowhere, so it is asked. */
async function dialled({ accounts }: IlpConnectorOptions, admin: Admin): Promise<void> {
  const waiting = new Set(Object.keys(accounts).filter(id => 'dial' in accounts[id]!.btp))
  const deadline = Date.now() + START_MS_MAX
  while (waiting.size > 0) {
    const status = await admin<{ accounts: Record<string, { connected: boolean }> }>('/accounts')
    for (const id of waiting) if (status.accounts[id]?.connected) waiting.delete(id)
    if (waiting.size === 0) return
    if (Date.now() > deadline) throw new Error(`ilp-connector did not connect ${[...waiting].join(', ')}`)
    await new Promise(resolve => setTimeout(resolve, CONNECTED_POLL_MS))
  }
}

async function balances(admin: Admin): Promise<Record<string, bigint>> {
  const { accounts } = await admin<{ accounts: Record<string, { balance: string }> }>('/balance')
  return Object.fromEntries(Object.entries(accounts).map(([id, { balance }]) => [id, BigInt(balance)]))
}
