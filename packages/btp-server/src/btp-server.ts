import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { BtpPool } from '@ilp/btp-pool'
import { createAcceptor } from '@ilp/btp-websocket'
import {
  type Account,
  type AccountId,
  badRequest,
  type IncomingRequest,
  type Logger,
  lifecycle,
  type Middleware,
  type Service,
  silentLogger,
} from '@ilp/service-core'
import type { AccountChange, CredentialStore, Watch } from '@ilp/store-traits'
import { Guests } from './guests.js'
import { type BtpServerOptions, checkOptions } from './options.js'
import { Reception, type Refusal } from './reception.js'

/** Takes over the socket of a request for a WebSocket. `params` are the named segments of the path. */
export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  params: Readonly<Record<string, string>>,
) => void

/** What has a port open, and tells of requests for WebSockets. */
export interface UpgradeListener {
  /** Hands requests for the paths of this pattern (`/accounts/:username/ilp/btp`) over; returns what ends that. */
  readonly upgrade: (pattern: string, handler: UpgradeHandler) => () => void
}

export interface BtpServerAccount extends Account {
  /** The account's name in the path `/accounts/{username}/ilp/btp`, and in `auth_username`. */
  readonly username: string
}

export interface BtpServerDeps<A extends BtpServerAccount> {
  /** Shared with `btp-client`. Its owner stops it, after this layer. */
  readonly pool: Pick<BtpPool, 'add' | 'count' | 'serve' | 'closeAccount'>
  readonly accounts: {
    readonly get: (id: AccountId) => A | undefined
    readonly watch: Watch<AccountChange<A>>
  }
  readonly credentials: Pick<CredentialStore, 'authenticate' | 'watch'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** None where peers are only dialled. */
  readonly listener?: UpgradeListener | undefined
  readonly logger?: Logger
}

/**
 * Takes ILP packets from BTP peers (RFC 23): those that connect to the listener and authenticate, and those that the
 * pool has sessions with otherwise. Passes them on with the account that they came from.
 * @throws RangeError when an option is out of its range
 */
export function btpServer<A extends BtpServerAccount>(
  deps: BtpServerDeps<A>,
  options: Partial<BtpServerOptions> = {},
): Middleware<IncomingRequest<A>> {
  const checked = checkOptions(options)
  return inner => {
    const server = new Server(deps, checked)
    const { start, stop } = lifecycle({
      start: async () => server.open(inner.call),
      stop: () => server.close(),
    })
    return { ready: inner.ready, call: inner.call, start, stop }
  }
}

class Server<A extends BtpServerAccount> {
  readonly #deps: BtpServerDeps<A>
  readonly #options: BtpServerOptions
  readonly #reception: Reception
  readonly #guests: Guests
  /** What takes back what `open` set up, in that order. */
  #withdrawals: (() => void)[] = []
  #stopServing: () => Promise<void> = async () => {}

  constructor(deps: BtpServerDeps<A>, options: BtpServerOptions) {
    const { accounts, credentials, pool, logger = silentLogger } = deps
    this.#deps = deps
    this.#options = options
    this.#guests = new Guests(token => credentials.authenticate('btp', token))
    this.#reception = new Reception({
      authTimeoutMs: options.authTimeoutMs,
      judge: ({ token, usernames }) => {
        const id = credentials.authenticate('btp', token)
        const account = id === undefined ? undefined : accounts.get(id)
        if (!account || usernames.some(username => username !== account.username)) return NOT_AUTHENTIC
        if (pool.count(account.id) < options.sessionsPerAccountMax) return account.id
        return { code: 'T00', reason: 'too many connections' }
      },
      admit: (account, port, token) => this.#guests.add(account, pool.add(account, port), token),
      refused: ({ reason }) => logger.debug({ reason }, 'BTP client refused'),
    })
  }

  open(call: Service<IncomingRequest<A>>['call']): void {
    const { accounts, address, credentials, listener, pool } = this.#deps
    this.#stopServing = pool.serve((id, prepare) => {
      const from = accounts.get(id)
      if (from) return call({ from, prepare })
      pool.closeAccount(id)
      return Promise.resolve(badRequest(address(), 'the account is closed'))
    })
    const unwatch = accounts.watch(({ id, account }) => {
      if (!account) pool.closeAccount(id)
    })
    const unwatchTokens = credentials.watch(({ account, link }) => {
      if (link === 'btp') this.#guests.review(account)
    })
    this.#withdrawals.push(unwatch, unwatchTokens)
    if (!listener) return
    const accept = createAcceptor(this.#options)
    const handler: UpgradeHandler = (request, socket, head, { username }) => {
      if (this.#reception.size >= this.#options.unauthenticatedMax) refuseUpgrade(socket)
      else accept(request, socket, head, port => this.#reception.enter(port, username))
    }
    for (const path of this.#options.paths) this.#withdrawals.push(listener.upgrade(path, handler))
  }

  /** Takes nobody and nothing new in; resolves when what was taken is answered. Sessions stay open to the answers. */
  async close(): Promise<void> {
    for (const withdraw of this.#withdrawals) withdraw()
    this.#reception.closeAll()
    await this.#stopServing()
  }
}

/** The same for every wrong token and username, so that neither can be guessed alone. */
const NOT_AUTHENTIC: Refusal = { code: 'F00', reason: 'invalid token or username' }

function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () =>
    socket.destroy(),
  )
}
