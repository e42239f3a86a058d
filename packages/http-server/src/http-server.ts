import { type HttpRequest, type HttpResponse, type Listener, type Params, problem } from '@ilp/listener'
import {
  type Account,
  type AccountId,
  connectorBusy,
  type IncomingRequest,
  InvalidPacketError,
  type Logger,
  lifecycle,
  type Middleware,
  Prepare,
  type Reply,
  type Service,
  silentLogger,
} from '@ilp/service-core'
import type { CredentialStore } from '@ilp/store-traits'
import { readBody } from './body.js'
import { Gate } from './gate.js'
import { bearerToken, isPacketType, OCTET_STREAM } from './headers.js'
import { KnownTokens } from './known-tokens.js'

export interface HttpServerAccount extends Account {
  /** The account's name in the path `/accounts/{username}/ilp`. */
  readonly username: string
}

export interface HttpServerDeps<A extends HttpServerAccount> {
  readonly listener: Pick<Listener, 'handle'>
  readonly accounts: { readonly get: (id: AccountId) => A | undefined }
  readonly credentials: Pick<CredentialStore, 'authenticate' | 'watch'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger
}

export interface HttpServerOptions {
  /** The largest body that is read. */
  readonly bodyBytesMax: number
  /** How long a packet waits for the chain to be ready, before it is rejected with T03. */
  readonly readyTimeoutMs: number
  /** How long a stop waits for packets in flight. */
  readonly stopTimeoutMs: number
}

export const HTTP_SERVER_DEFAULTS: HttpServerOptions = Object.freeze({
  bodyBytesMax: 65_536,
  readyTimeoutMs: 500,
  stopTimeoutMs: 30_000,
})

/** The paths that packets are posted to. */
const PATHS = ['/ilp', '/accounts/:username/ilp']

/**
 * Takes packets that peers post (RFC 35, answered in the response), authenticated by a bearer token, and passes them
 * on with the account that they came from. From `start` to `stop` it serves `POST /ilp` and
 * `POST /accounts/{username}/ilp` on the listener.
 */
export function httpServer<A extends HttpServerAccount>(
  deps: HttpServerDeps<A>,
  options: Partial<HttpServerOptions> = {},
): Middleware<IncomingRequest<A>> {
  const limits = { ...HTTP_SERVER_DEFAULTS, ...options }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${name} is ${value}, not a whole number above 0`)
  }
  return inner => {
    const endpoint = new HttpEndpoint(deps, limits, inner)
    const { start, stop } = lifecycle({ start: () => endpoint.start(), stop: () => endpoint.stop() })
    return { ready: inner.ready, call: inner.call, start, stop }
  }
}

class HttpEndpoint<A extends HttpServerAccount> {
  readonly #deps: HttpServerDeps<A>
  readonly #limits: HttpServerOptions
  readonly #inner: Service<IncomingRequest<A>>
  readonly #gate: Gate
  readonly #logger: Logger
  readonly #tokens = new KnownTokens()
  #withdraw: readonly (() => void)[] = []
  #stopping = false
  #inFlight = 0
  #settled: (() => void) | undefined

  constructor(deps: HttpServerDeps<A>, limits: HttpServerOptions, inner: Service<IncomingRequest<A>>) {
    this.#deps = deps
    this.#limits = limits
    this.#inner = inner
    this.#gate = new Gate(inner.ready, limits.readyTimeoutMs)
    this.#logger = deps.logger ?? silentLogger
  }

  async start(): Promise<void> {
    const { credentials, listener } = this.#deps
    this.#withdraw = [
      credentials.watch(() => this.#tokens.forget()),
      ...PATHS.map(path => listener.handle('POST', path, this.#receive)),
    ]
  }

  /** Refuses what is new, waits for what is in flight, then leaves the listener. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#inFlight > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, this.#limits.stopTimeoutMs)
        this.#settled = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    for (const withdraw of this.#withdraw) withdraw()
  }

  readonly #receive = (request: HttpRequest, response: HttpResponse, params: Params): void => {
    if (this.#stopping) {
      problem(response, 503, 'the node is stopping', closing(request))
      return
    }
    const account = this.#authenticate(request, params)
    if (!account) {
      problem(response, 401, 'no valid token for this account', { 'WWW-Authenticate': 'Bearer' })
      return
    }
    if (!isPacketType(request.headers['content-type'])) {
      problem(response, 415, `ILP packets come as ${OCTET_STREAM}`)
      return
    }
    readBody(request, this.#limits.bodyBytesMax, {
      whole: body => this.#take(account, body, response),
      tooLarge: () =>
        problem(response, 413, `more than ${this.#limits.bodyBytesMax} octets`, closing(request)),
    })
  }

  /** A token that belongs to another account than the path names is as good as none. */
  #authenticate(request: HttpRequest, params: Params): A | undefined {
    const { authorization } = request.headers
    const id = authorization === undefined ? undefined : this.#owner(request.socket, authorization)
    const account = id === undefined ? undefined : this.#deps.accounts.get(id)
    const { username = account?.username } = params
    return account?.username === username ? account : undefined
  }

  #owner(connection: object, authorization: string): AccountId | undefined {
    const known = this.#tokens.account(connection, authorization)
    if (known !== undefined) return known
    const token = bearerToken(authorization)
    const owner = token === undefined ? undefined : this.#deps.credentials.authenticate('http', token)
    if (owner !== undefined) this.#tokens.remember(connection, authorization, owner)
    return owner
  }

  #take(from: A, body: Buffer, response: HttpResponse): void {
    if (this.#stopping) {
      problem(response, 503, 'the node is stopping')
      return
    }
    let prepare: Prepare
    try {
      prepare = Prepare.decode(body)
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
      problem(response, 400, `the body is no ILP Prepare: ${error.message}`)
      return
    }
    void this.#answer({ from, prepare }, response)
  }

  async #answer(request: IncomingRequest<A>, response: HttpResponse): Promise<void> {
    this.#inFlight += 1
    try {
      const ready = await this.#gate.opens()
      const reply = ready
        ? await this.#inner.call(request)
        : connectorBusy(this.#deps.address(), 'the node takes no packets for now')
      send(response, reply)
    } catch (err) {
      this.#logger.error({ err, account: request.from.id }, 'the chain threw instead of answering')
      if (!response.headersSent && !response.destroyed) problem(response, 500, 'internal error')
    }
    this.#inFlight -= 1
    if (this.#inFlight === 0) this.#settled?.()
  }
}

/** Headers that end the connection, for a request whose body is not read: HTTP/1.1 would have to read it. */
const closing = (request: HttpRequest) => (request.httpVersionMajor === 1 ? { Connection: 'close' } : {})

/** The client may have left meanwhile; its packet was settled all the same, and only the answer is lost. */
function send(response: HttpResponse, reply: Reply): void {
  if (response.destroyed) return
  response.writeHead(200, { 'Content-Type': OCTET_STREAM, 'Content-Length': reply.byteLength })
  // As a string it leaves in one piece with the headers: 2 µs less than a buffer beside them.
  response.end(reply.toBuffer().toString('latin1'), 'latin1')
}
