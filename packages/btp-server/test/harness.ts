import { EventEmitter, once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { type BtpFrame, decodeFrame, encodeAuth, encodeFrame, FrameType } from '@ilp/btp-packet'
import { type BtpPoolOptions, createBtpPool } from '@ilp/btp-pool'
import { type AccountId, type IncomingRequest, type Service, stack } from '@ilp/service-core'
import { recordingLogger, scriptedService, type TestAccount, testAccount } from '@ilp/service-testing'
import type { AccountChange, CredentialChange, Link } from '@ilp/store-traits'
import { WebSocket } from 'ws'
import { type BtpServerOptions, btpServer, type UpgradeHandler, type UpgradeListener } from '../src/index.js'

/** Accounts in a map. */
export function testAccounts(...usernames: string[]) {
  const accounts = new Map<AccountId, TestAccount>()
  const watchers = new Set<(change: AccountChange<TestAccount>) => void>()
  const set = (account: TestAccount) => {
    accounts.set(account.id, account)
    for (const tell of watchers) tell({ id: account.id, account })
  }
  for (const username of usernames) set(testAccount(username))
  return {
    get: (id: AccountId) => accounts.get(id),
    watch: (listener: (change: AccountChange<TestAccount>) => void) => {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    set,
    remove: (id: AccountId) => {
      accounts.delete(id)
      for (const tell of watchers) tell({ id, account: undefined })
    },
    /** Removes it without telling anybody. */
    lose: (id: AccountId) => accounts.delete(id),
  }
}

/** Tokens for BTP in a map. */
export function testCredentials(...usernames: string[]) {
  const owners = new Map(usernames.map(name => [`${name}-token`, testAccount(name).id]))
  const watchers = new Set<(change: CredentialChange) => void>()
  return {
    authenticate: (link: Link, token: string) => (link === 'btp' ? owners.get(token) : undefined),
    watch: (listener: (change: CredentialChange) => void) => {
      watchers.add(listener)
      return () => watchers.delete(listener)
    },
    set: (account: AccountId, ...tokens: string[]) => {
      for (const [token, owner] of owners) if (owner === account) owners.delete(token)
      for (const token of tokens) owners.set(token, account)
      for (const link of ['http', 'btp'] as const) for (const tell of watchers) tell({ account, link })
    },
  }
}

/** Upgrades of an HTTP server, by path. */
export function upgradeListener(server: Server): UpgradeListener {
  const routes = new Map<string, UpgradeHandler>()
  server.on('upgrade', (request, socket, head) => {
    const path = request.url as string
    for (const [pattern, handler] of routes) {
      const match = new RegExp(`^${pattern.replace(/:(\w+)/, '(?<$1>[^/]+)')}$`).exec(path)
      if (match) {
        handler(request, socket, head, match.groups ?? {})
        return
      }
    }
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
  })
  return {
    upgrade: (pattern, handler) => {
      routes.set(pattern, handler)
      return () => routes.delete(pattern)
    },
  }
}

/**
 * A node with BTP on a free port, whose chain ends in `service`, or else in the test. The token of an account is
 * `<username>-token`.
 */
export async function startNode(
  options: Partial<BtpServerOptions> = {},
  poolOptions: Partial<BtpPoolOptions> = {},
  service?: Service<IncomingRequest<TestAccount>>,
) {
  const server = createServer()
  const logger = recordingLogger()
  const accounts = testAccounts('alice', 'bob')
  const pool = createBtpPool({ address: () => 'test.node', logger }, poolOptions)
  const inner = scriptedService<IncomingRequest<TestAccount>>()
  const credentials = testCredentials('alice', 'bob')
  const chain = stack<IncomingRequest<TestAccount>>()
    .use(
      btpServer(
        {
          pool,
          accounts,
          credentials,
          address: () => 'test.node',
          logger,
          listener: upgradeListener(server),
        },
        options,
      ),
    )
    .around(service ?? inner)
  await chain.start()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    await chain.stop()
    await pool.stop()
    server.close()
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    pool,
    accounts,
    credentials,
    inner,
    chain,
    logger,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** A client that speaks BTP frame by frame. */
export class Client {
  readonly closed: Promise<number>
  readonly opened: Promise<unknown>
  readonly frames: BtpFrame[] = []
  readonly #news = new EventEmitter()

  constructor(
    url: string,
    readonly socket = new WebSocket(url),
  ) {
    this.opened = once(socket, 'open')
    this.opened.catch(() => {})
    this.closed = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.on('message', (bytes: Buffer) => {
      this.frames.push(decodeFrame(bytes))
      this.#news.emit('frame')
    })
  }

  /** A client that has authenticated. */
  static async connect(url: string, username: string): Promise<Client> {
    const client = new Client(`${url}/btp`)
    await client.send(encodeAuth(77, { token: `${username}-token`, username: undefined }))
    await client.next()
    return client
  }

  async send(...messages: Buffer[]): Promise<void> {
    await this.opened
    for (const message of messages) this.socket.send(message)
  }

  /** The next frame that came. */
  async next(): Promise<BtpFrame> {
    while (this.frames.length === 0) await once(this.#news, 'frame')
    return this.frames.shift() as BtpFrame
  }
}

export const packetIn = (frame: BtpFrame): Buffer => Buffer.from(frame.protocolData[0]?.data ?? [])

const bytes = (data: string) => Buffer.from(data)

/** A frame with these sub-protocols, all of them text but for `auth`. */
export const frameOf = (type: 1 | 6, requestId: number, ...entries: [name: string, data: string][]): Buffer =>
  encodeFrame({
    type,
    requestId,
    protocolData: entries.map(([protocolName, data]) => ({
      protocolName,
      contentType: protocolName === 'auth' ? 0 : 1,
      data: bytes(data),
    })),
  })

export const transfer = (requestId: number): Buffer =>
  encodeFrame({ type: FrameType.TRANSFER, requestId, amount: 1n, protocolData: [] })

/** npm's BTP peer. Its types would bring those of Node 10 into the program. */
export interface Plugin {
  readonly connect: () => Promise<void>
  readonly disconnect: () => Promise<void>
  readonly sendData: (packet: Buffer) => Promise<Buffer>
  readonly registerDataHandler: (handler: (packet: Buffer) => Promise<Buffer>) => void
}
export const BtpPlugin = createRequire(import.meta.url)('ilp-plugin-btp') as new (options: object) => Plugin
