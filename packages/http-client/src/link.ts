import {
  type AccountId,
  type Deadlines,
  type Logger,
  type Prepare,
  peerBusy,
  type Reply,
} from '@ilp/service-core'
import { AlpnTransport } from './alpn-transport.js'
import { type AsyncMode, type AsyncOwner, AsyncPacket } from './async-packet.js'
import type { Attempt } from './attempt.js'
import type { CallbackEndpoint } from './callbacks.js'
import type { LinkRecord } from './link-record.js'
import type { HttpClientOptions } from './options.js'
import { createPoolTransport } from './pool-transport.js'
import { SyncExchange } from './sync-exchange.js'
import type { HeaderList, Transport } from './transport.js'

const OCTET_STREAM = 'application/octet-stream'

/** The least time between two log lines about one peer. */
const LOG_INTERVAL_MS = 10_000

export interface LinkDeps {
  readonly address: () => string
  readonly deadlines: Deadlines
  readonly random: () => number
  readonly callbacks: CallbackEndpoint | undefined
  readonly record: LinkRecord
  readonly logger: Logger
}

/** The way to one peer: its connections, and how many packets are under way. */
export class Link implements AsyncOwner {
  readonly url: string
  readonly address: () => string
  readonly deadlines: Deadlines
  readonly responseBytesMax: number
  readonly lateAnswerMs: number
  readonly attemptTimeoutMs: number
  readonly #deps: LinkDeps
  readonly #options: HttpClientOptions
  readonly #account: AccountId
  readonly #transport: Transport
  /** Packets that wait for callbacks. */
  readonly #waiting = new Set<AsyncPacket>()
  #requests = 0
  #used = true
  #token: string | undefined
  #headers: HeaderList = headersFor(undefined)
  #loggedAtMs = 0
  /** The peer has answered with 202. Before, it might take a packet that is sent again for another one. */
  #isKnownAsync = false
  #isClosing = false
  #idle: (() => void) | undefined

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
    this.attemptTimeoutMs = options.attemptTimeoutMs
    this.#account = account
    this.#deps = deps
    this.#options = options
    this.#transport =
      secure && options.http2 ? new AlpnTransport(parsed, options) : createPoolTransport(parsed, options)
  }

  /** Settles with the peer's answer, or with a reject of our own. */
  send(prepare: Prepare, token: string | undefined, mode: AsyncMode | undefined): Promise<Reply> {
    this.#used = true
    if (this.#requests >= this.#options.requestsMax) {
      return Promise.resolve(peerBusy(this.address(), 'too many packets are under way to the next hop'))
    }
    if (token !== this.#token) {
      this.#token = token
      this.#headers = headersFor(token)
    }
    this.#requests += 1
    return new Promise(resolve => {
      if (mode) this.#sendAsync(prepare, mode, resolve)
      else this.#transport.send(new SyncExchange(this, prepare, resolve), this.#headers)
    })
  }

  get inFlight(): number {
    return this.#requests
  }

  /** Whether nothing is under way, and nothing was since it was asked the last time. */
  unused(): boolean {
    const unused = !this.#used && this.#requests === 0
    this.#used = false
    return unused
  }

  async close(): Promise<void> {
    this.#isClosing = true
    await this.#transport.close()
    if (this.#requests === 0) return
    await new Promise<void>(resolve => {
      this.#idle = resolve
    })
  }

  /** Gives up what is under way, which `close` waits for. */
  destroy(): void {
    this.#transport.destroy()
    for (const packet of this.#waiting) packet.giveUp()
  }

  over(): void {
    this.#requests -= 1
    if (this.#requests === 0) this.#idle?.()
  }

  succeeded(): void {
    this.#deps.record.success()
  }

  failed(reason: string): void {
    this.#deps.record.failure(reason)
  }

  trouble(reason: string): void {
    this.failed(reason)
    const now = Date.now()
    if (now - this.#loggedAtMs < LOG_INTERVAL_MS) return
    this.#loggedAtMs = now
    this.#deps.logger.warn({ account: this.#account, reason }, 'packets do not get through to a peer')
  }

  pauseMs(mode: AsyncMode, attempts: number): number | undefined {
    if (mode !== 'async' || !this.#isKnownAsync || this.#isClosing) return undefined
    const { retryDelayMs, retryDelayMaxMs } = this.#options
    const longest = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** (attempts - 1))
    return (longest * (1 + this.#deps.random())) / 2
  }

  attempt(attempt: Attempt, mode: AsyncMode, requestId: string): void {
    const headers = [...this.#headers, 'request-id', requestId]
    if (this.#deps.callbacks) headers.push('callback-url', this.#deps.callbacks.url)
    if (mode === 'respond-async') headers.push('prefer', 'respond-async')
    this.#transport.send(attempt, headers)
  }

  accepted(): void {
    this.#isKnownAsync = true
  }

  answered(packet: AsyncPacket): void {
    this.#waiting.delete(packet)
    this.#deps.callbacks?.forget(packet)
  }

  #sendAsync(prepare: Prepare, mode: AsyncMode, resolve: (reply: Reply) => void): void {
    const packet = new AsyncPacket(this, mode, prepare, resolve)
    this.#waiting.add(packet)
    // The callback may be quicker than the response.
    this.#deps.callbacks?.expect(this.#account, packet)
    packet.attempt()
  }
}

const headersFor = (token: string | undefined): HeaderList => [
  'content-type',
  OCTET_STREAM,
  'accept',
  OCTET_STREAM,
  ...(token === undefined ? [] : ['authorization', `Bearer ${token}`]),
]
