import {
  type AccountId,
  type Deadlines,
  type Logger,
  type Prepare,
  peerBusy,
  type Reply,
} from '@ilp/service-core'
import { AlpnTransport } from './alpn-transport.js'
import { Exchange, type ExchangeOwner } from './exchange.js'
import type { HttpClientOptions } from './options.js'
import { createPoolTransport } from './pool-transport.js'
import type { HeaderList, Transport } from './transport.js'

const OCTET_STREAM = 'application/octet-stream'

/** The least time between two log lines about one peer. */
const LOG_INTERVAL_MS = 10_000

export interface LinkDeps {
  readonly address: () => string
  readonly deadlines: Deadlines
  readonly logger: Logger
}

/** The way to one peer: its connections, and how many packets are under way. */
export class Link implements ExchangeOwner {
  readonly url: string
  readonly address: () => string
  readonly deadlines: Deadlines
  readonly responseBytesMax: number
  readonly lateAnswerMs: number
  readonly #account: AccountId
  readonly #logger: Logger
  readonly #requestsMax: number
  readonly #transport: Transport
  #requests = 0
  #used = true
  #token: string | undefined
  #headers: HeaderList = headersFor(undefined)
  #loggedAtMs = 0

  /** @throws TypeError for a URL that is neither http nor https */
  constructor(account: AccountId, url: string, deps: LinkDeps, options: HttpClientOptions) {
    const parsed = new URL(url)
    const secure = parsed.protocol === 'https:'
    if (!secure && parsed.protocol !== 'http:')
      throw new TypeError(`${parsed.protocol} is no protocol for packets`)
    this.url = url
    this.address = deps.address
    this.deadlines = deps.deadlines
    this.responseBytesMax = options.responseBytesMax
    this.lateAnswerMs = options.lateAnswerMs
    this.#account = account
    this.#logger = deps.logger
    this.#requestsMax = options.requestsMax
    this.#transport =
      secure && options.http2 ? new AlpnTransport(parsed, options) : createPoolTransport(parsed, options)
  }

  /** Settles with the peer's answer, or with a reject of our own. */
  send(prepare: Prepare, token: string | undefined): Promise<Reply> {
    this.#used = true
    if (this.#requests >= this.#requestsMax) {
      return Promise.resolve(peerBusy(this.address(), 'too many packets are under way to the next hop'))
    }
    if (token !== this.#token) {
      this.#token = token
      this.#headers = headersFor(token)
    }
    this.#requests += 1
    return new Promise(resolve => {
      this.#transport.send(new Exchange(this, prepare, resolve), this.#headers)
    })
  }

  /** Whether nothing is under way, and nothing was since it was asked the last time. */
  unused(): boolean {
    const unused = !this.#used && this.#requests === 0
    this.#used = false
    return unused
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Gives up what is under way, which `close` waits for. */
  destroy(): void {
    this.#transport.destroy()
  }

  over(): void {
    this.#requests -= 1
  }

  trouble(reason: string): void {
    const now = Date.now()
    if (now - this.#loggedAtMs < LOG_INTERVAL_MS) return
    this.#loggedAtMs = now
    this.#logger.warn({ account: this.#account, reason }, 'packets do not get through to a peer')
  }
}

const headersFor = (token: string | undefined): HeaderList => [
  'content-type',
  OCTET_STREAM,
  'accept',
  OCTET_STREAM,
  ...(token === undefined ? [] : ['authorization', `Bearer ${token}`]),
]
