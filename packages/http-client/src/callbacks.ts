import {
  type Authenticate,
  type HttpRequest,
  type HttpResponse,
  type Listener,
  problem,
  readBody,
} from '@ilp/listener'
import { type AccountId, decodeReply, InvalidPacketError, type Logger, type Reply } from '@ilp/service-core'
import type { AsyncPacket } from './async-packet.js'

/** What it takes to have packets answered by callback. */
export interface HttpClientCallbacks {
  /** Where peers post answers: it serves `POST /ilp/callback`. */
  readonly listener: Pick<Listener, 'handle'>
  /** Says which account a callback comes from. */
  readonly authenticate: Authenticate
  /** The URL of that path as peers reach it. */
  readonly url: () => string
}

interface Pending {
  readonly account: AccountId
  readonly packet: AsyncPacket
}

const PATH = '/ilp/callback'

/** Packets that wait for callbacks, and the endpoint that these come to. */
export class CallbackEndpoint {
  readonly #deps: HttpClientCallbacks
  readonly #bodyBytesMax: number
  readonly #logger: Logger
  readonly #pending = new Map<string, Pending>()
  #withdraw: (() => void) | undefined

  constructor(deps: HttpClientCallbacks, bodyBytesMax: number, logger: Logger) {
    this.#deps = deps
    this.#bodyBytesMax = bodyBytesMax
    this.#logger = logger
  }

  get url(): string {
    return this.#deps.url()
  }

  start(): void {
    this.#withdraw = this.#deps.listener.handle('POST', PATH, this.#receive)
  }

  stop(): void {
    this.#withdraw?.()
  }

  expect(account: AccountId, packet: AsyncPacket): void {
    this.#pending.set(packet.requestId, { account, packet })
  }

  forget({ requestId }: AsyncPacket): void {
    this.#pending.delete(requestId)
  }

  readonly #receive = (request: HttpRequest, response: HttpResponse): void => {
    const owner = this.#deps.authenticate(request)
    if (owner instanceof Promise) void this.#receiveLater(owner, request, response)
    else this.#receiveFrom(owner, request, response)
  }

  async #receiveLater(
    owner: Promise<AccountId | undefined>,
    request: HttpRequest,
    response: HttpResponse,
  ): Promise<void> {
    try {
      this.#receiveFrom(await owner, request, response)
    } catch (err) {
      this.#logger.error({ err }, 'a request could not be authenticated')
      if (!response.headersSent) problem(response, 500, 'internal error', closing(request))
    }
  }

  #receiveFrom(account: AccountId | undefined, request: HttpRequest, response: HttpResponse): void {
    if (account === undefined) {
      problem(response, 401, 'no valid token', { 'WWW-Authenticate': 'Bearer' })
      return
    }
    if (!this.#packetOf(account, request)) {
      problem(response, 400, NOT_PENDING)
      return
    }
    readBody(request, this.#bodyBytesMax, {
      whole: body => this.#take(account, request, body, response),
      tooLarge: () => problem(response, 413, `more than ${this.#bodyBytesMax} octets`, closing(request)),
    })
  }

  /** A packet that went to another account is as good as none. */
  #packetOf(account: AccountId, { headers }: HttpRequest): AsyncPacket | undefined {
    const { 'request-id': requestId } = headers as { readonly 'request-id'?: string }
    const pending = requestId === undefined ? undefined : this.#pending.get(requestId.toLowerCase())
    return pending?.account === account ? pending.packet : undefined
  }

  #take(account: AccountId, request: HttpRequest, body: Buffer, response: HttpResponse): void {
    let reply: Reply
    try {
      reply = decodeReply(body)
    } catch (error) {
      if (!(error instanceof InvalidPacketError)) throw error
      problem(response, 400, `the body is no ILP Fulfill or Reject: ${error.message}`)
      return
    }
    // While its body came, another callback may have been quicker.
    if (!this.#packetOf(account, request)?.calledBack(reply)) {
      problem(response, 400, NOT_PENDING)
      return
    }
    response.writeHead(200, { 'Content-Length': 0 })
    response.end()
  }
}

const NOT_PENDING = 'no packet under this Request-Id waits for an answer'

/** Headers that end the connection, for a request whose body is not read: HTTP/1.1 would have to read it. */
const closing = (request: HttpRequest) => (request.httpVersionMajor === 1 ? { Connection: 'close' } : {})
