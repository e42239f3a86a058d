import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { type BtpFrame, decodeFrame, encodeFrame, FrameType } from '@ilp/btp-packet'
import { type BtpPool, type BtpPoolOptions, createBtpPool } from '@ilp/btp-pool'
import { btpServer } from '@ilp/btp-server'
import { type AccountId, type IncomingRequest, type OutgoingRequest, stack } from '@ilp/service-core'
import {
  recordingLogger,
  scriptedService,
  type TestAccount,
  testAccount,
  testPrepare,
} from '@ilp/service-testing'
import type { AccountChange, CredentialChange } from '@ilp/store-traits'
import { type WebSocket, WebSocketServer } from 'ws'
import { type BtpClientAccount, type BtpClientOptions, btpClient } from '../src/index.js'

export type Account = TestAccount & BtpClientAccount

/** Without the pauses that real networks need. */
const QUICK: Partial<BtpClientOptions> = { backoffMinMs: 5, backoffMaxMs: 20, connectTimeoutMs: 2_000 }

/** The account `bob`, dialled at `outgoingUrl`. */
export const dialled = (outgoingUrl: string | undefined, username = 'bob'): Account =>
  testAccount(username, { btp: { outgoingUrl } })

/** A node that dials `accounts`. Packets that the client passes on end in the test. */
export function createNode(
  accounts: readonly Account[],
  { random, ...options }: Partial<BtpClientOptions> & { readonly random?: number } = {},
  poolOptions: Partial<BtpPoolOptions> = {},
) {
  const logger = recordingLogger()
  const pool = createBtpPool({ address: () => 'test.node', logger }, poolOptions)
  const known = new Map(accounts.map(account => [account.id, account]))
  const tokens = new Map(accounts.map(account => [account.id, 'node-token']))
  const watchers = new Set<(change: AccountChange<Account>) => void>()
  const tokenWatchers = new Set<(change: CredentialChange) => void>()
  const passedOn = scriptedService<OutgoingRequest<Account>>()
  const chain = stack<OutgoingRequest<Account>>()
    .use(
      btpClient<Account>(
        {
          pool,
          accounts: {
            all: () => [...known.values()],
            watch: listener => {
              watchers.add(listener)
              return () => watchers.delete(listener)
            },
          },
          credentials: {
            outgoingToken: (account, link) => (link === 'btp' ? tokens.get(account) : undefined),
            watch: listener => {
              tokenWatchers.add(listener)
              return () => tokenWatchers.delete(listener)
            },
          },
          address: () => 'test.node',
          logger,
          ...(random !== undefined && { random: () => random }),
        },
        { ...QUICK, ...options },
      ),
    )
    .around(passedOn)
  const stop = async () => {
    await chain.stop()
    await pool.stop()
  }
  return {
    pool,
    chain,
    tokens,
    passedOn,
    stop,
    /** What was logged, without the fields. */
    sayings: () => logger.entries.filter(({ level }) => level !== 'debug').map(({ message }) => message),
    send: (to: Account) => {
      const prepare = testPrepare()
      return chain.call({ from: testAccount('alice'), to, prepare, incomingAmount: prepare.units })
    },
    /** Tells of a token for BTP that was changed. */
    tokenChanged: (account: AccountId) => {
      for (const tell of tokenWatchers) tell({ account, link: 'btp' })
    },
    change: (id: AccountId, account: Account | undefined) => {
      for (const tell of watchers) tell({ id, account })
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Resolves when the account has so many sessions. */
export async function sessions(pool: BtpPool, account: Account, count: number): Promise<void> {
  while (pool.count(account.id) !== count) await new Promise(setImmediate)
}

/** A WebSocket server that does as it is told. */
export async function startServer(
  onSocket: (socket: WebSocket) => void = () => {},
  http: Server = createServer(),
  port = 0,
) {
  const server = new WebSocketServer({ server: http })
  server.on('connection', socket => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  await once(http.listen(port, '127.0.0.1'), 'listening')
  const address = http.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${address.port}/btp`,
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of server.clients) socket.terminate()
      http.close()
      await once(http, 'close')
    },
  }
}

export const accepted = (requestId: number): Buffer =>
  encodeFrame({ type: FrameType.RESPONSE, requestId, protocolData: [] })

/** Answers the first message with a Response, and hands those that follow over. */
export const accepting =
  (onFrame: (frame: BtpFrame, socket: WebSocket) => void = () => {}) =>
  (socket: WebSocket): void => {
    socket.once('message', (auth: Buffer) => {
      socket.send(accepted(decodeFrame(auth).requestId))
      socket.on('message', (bytes: Buffer) => onFrame(decodeFrame(bytes), socket))
    })
  }

/** A node with this project's BTP server, which knows the account `node`. */
export async function startPeer(port = 0) {
  const server = createServer()
  const account = testAccount('node')
  const pool = createBtpPool({ address: () => 'test.peer' })
  const inner = scriptedService<IncomingRequest<TestAccount>>()
  const chain = stack<IncomingRequest<TestAccount>>()
    .use(
      btpServer({
        pool,
        accounts: { get: id => (id === account.id ? account : undefined), watch: () => () => {} },
        credentials: {
          authenticate: (_link, token) => (token === 'node-token' ? account.id : undefined),
          watch: () => () => {},
        },
        address: () => 'test.peer',
        listener: {
          upgrade: (pattern, handler) => {
            if (pattern !== '/btp') return () => {}
            server.on('upgrade', (request, socket, head) => handler(request, socket, head, {}))
            return () => server.removeAllListeners('upgrade')
          },
        },
      }),
    )
    .around(inner)
  await chain.start()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const address = server.address() as AddressInfo
  return {
    url: `ws://127.0.0.1:${address.port}/btp`,
    port: address.port,
    pool,
    account,
    inner,
    [Symbol.asyncDispose]: async () => {
      await chain.stop()
      await pool.stop()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A TCP proxy whose connections can stop passing anything on, without being closed: as if a cable were pulled. */
export async function createProxy(port: number) {
  const sockets: Socket[] = []
  const proxy = createTcpServer(client => {
    const target = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.push(from)
      from.on('error', () => {})
      from.pipe(to)
    }
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/btp`,
    /** Connections that come later are passed on. */
    pull: () => {
      for (const socket of sockets) socket.unpipe().pause()
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

/** npm's BTP peer. Its types would bring those of Node 10 into the program. */
export interface Plugin {
  readonly connect: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly sendData: (packet: Buffer) => Promise<Buffer>
  readonly registerDataHandler: (handler: (packet: Buffer) => Promise<Buffer>) => void
}
export const BtpPlugin = createRequire(import.meta.url)('ilp-plugin-btp') as new (options: object) => Plugin
