import { type HttpRequest, type HttpResponse, type Params, problem, readBody } from '@ilp/listener'
import {
  type AccountId,
  connectorBusy,
  type IncomingRequest,
  InvalidPacketError,
  internalError,
  type Logger,
  Prepare,
  type Reply,
  type Service,
  silentLogger,
} from '@ilp/service-core'
import { type Asynchronous, formOf } from './asynchronous.js'
import { Gate } from './gate.js'
import { isPacketType, OCTET_STREAM } from './headers.js'
import type { HttpServerAccount, HttpServerDeps } from './http-server.js'
import type { HttpServerOptions } from './options.js'
import { RequestIds } from './request-ids.js'

/** The paths that packets are posted to. */
const PATHS = ['/ilp', '/accounts/:username/ilp']
const STOPPING = 'the node is stopping'

/** What is behind the paths: from a request to the answer to its packet. */
export class HttpEndpoint<A extends HttpServerAccount> {
  readonly #deps: HttpServerDeps<A>
  readonly #limits: HttpServerOptions
  readonly #inner: Service<IncomingRequest<A>>
  readonly #gate: Gate
  readonly #logger: Logger
  readonly #requestIds: RequestIds
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
    this.#requestIds = new RequestIds(limits)
  }

  async start(): Promise<void> {
    const { listener } = this.#deps
    this.#withdraw = PATHS.map(path => listener.handle('POST', path, this.#receive))
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
      problem(response, 503, STOPPING, closing(request))
      return
    }
    const owner = this.#deps.authenticate(request)
    if (owner instanceof Promise) void this.#receiveLater(owner, request, response, params)
    else this.#receiveFrom(owner, request, response, params)
  }

  async #receiveLater(
    owner: Promise<AccountId | undefined>,
    request: HttpRequest,
    response: HttpResponse,
    params: Params,
  ): Promise<void> {
    try {
      this.#receiveFrom(await owner, request, response, params)
    } catch (err) {
      this.#logger.error({ err }, 'a request could not be authenticated')
      if (!response.headersSent) problem(response, 500, 'internal error', closing(request))
    }
  }

  /** A request of another account than the path names is as good as nobody's. */
  #receiveFrom(
    owner: AccountId | undefined,
    request: HttpRequest,
    response: HttpResponse,
    { username }: Params,
  ): void {
    const account = owner === undefined ? undefined : this.#deps.accounts.get(owner)
    if (!account || (username !== undefined && username !== account.username)) {
      problem(response, 401, 'no valid token for this account', { 'WWW-Authenticate': 'Bearer' })
      return
    }
    if (!isPacketType(request.headers['content-type'])) {
      problem(response, 415, `ILP packets come as ${OCTET_STREAM}`)
      return
    }
    const form = formOf(request, this.#deps.callbacks && account.http?.callbackUrl)
    if (form && 'status' in form) {
      problem(response, form.status, form.detail)
      return
    }
    readBody(request, this.#limits.bodyBytesMax, {
      whole: body => this.#take(account, body, response, form),
      tooLarge: () =>
        problem(response, 413, `more than ${this.#limits.bodyBytesMax} octets`, closing(request)),
    })
  }

  #take(from: A, body: Buffer, response: HttpResponse, form: Asynchronous | undefined): void {
    if (this.#stopping) {
      problem(response, 503, STOPPING)
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
    if (form) this.#accept({ from, prepare }, body, response, form)
    else void this.#answer({ from, prepare }, response)
  }

  async #answer(request: IncomingRequest<A>, response: HttpResponse): Promise<void> {
    this.#inFlight += 1
    try {
      const isReady = await this.#gate.opens()
      send(response, isReady ? await this.#inner.call(request) : this.#busy())
    } catch (err) {
      this.#logger.error({ err, account: request.from.id }, 'the chain threw instead of answering')
      if (!response.headersSent && !response.destroyed) problem(response, 500, 'internal error')
    }
    this.#left()
  }

  /** Takes a packet that is answered by callback; once, however often it comes. */
  #accept(request: IncomingRequest<A>, body: Buffer, response: HttpResponse, form: Asynchronous): void {
    const { from, prepare } = request
    const { asyncExpiryMaxMs } = this.#limits
    if (prepare.expiresAtMs > Date.now() + asyncExpiryMaxMs) {
      problem(response, 400, `the packet expires in more than ${asyncExpiryMaxMs} ms`)
      return
    }
    const admission = this.#requestIds.admit(from.id, form.requestId, body, prepare.expiresAtMs)
    if (admission === 'taken') problem(response, 409, 'another packet came under this Request-Id')
    else if (admission === 'account-full') problem(response, 429, 'too many answers are to be delivered')
    else if (admission === 'full') problem(response, 503, 'too many answers are to be delivered')
    else {
      response.writeHead(202, { 'Content-Length': 0 })
      response.end()
      if (admission === 'new') void this.#answerLater(request, form)
    }
  }

  async #answerLater(request: IncomingRequest<A>, { requestId, url }: Asynchronous): Promise<void> {
    const { id: account } = request.from
    const { expiresAtMs } = request.prepare
    this.#inFlight += 1
    let reply: Reply
    try {
      const isReady = await this.#gate.opens()
      reply = isReady ? await this.#inner.call(request) : this.#busy()
    } catch (err) {
      this.#logger.error({ err, account }, 'the chain threw instead of answering')
      reply = internalError(this.#deps.address(), 'internal error')
    }
    await this.#deps.callbacks?.post({ account, url, requestId, body: reply.toBuffer(), expiresAtMs })
    this.#requestIds.over(account)
    this.#left()
  }

  #busy(): Reply {
    return connectorBusy(this.#deps.address(), 'the node takes no packets for now')
  }

  #left(): void {
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
