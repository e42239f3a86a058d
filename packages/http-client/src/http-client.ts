import {
  type Account,
  type AccountId,
  Deadlines,
  type Logger,
  lifecycle,
  type OutgoingRequest,
  type Pass,
  type Prepare,
  peerUnreachable,
  type Reply,
  silentLogger,
  transferTimedOut,
} from '@ilp/service-core'
import type { CredentialStore } from '@ilp/store-traits'
import type { AsyncMode } from './async-packet.js'
import { CallbackEndpoint, type HttpClientCallbacks } from './callbacks.js'
import { Link } from './link.js'
import { type HttpLinkStats, LinkRecords } from './link-record.js'
import { checkOptions, HTTP_CLIENT_DEFAULTS, type HttpClientOptions } from './options.js'

export type HttpMode = 'sync' | AsyncMode

export interface HttpClientAccount extends Account {
  /** May hold what other services read, and nothing for this one: hence the `object`. */
  readonly http?:
    | (object & {
        /** Where the peer takes packets: an `http` or `https` URL. Without it, the account has no link of this kind. */
        readonly outgoingUrl?: string | undefined
        /**
         * How the peer answers (RFC 35): in the response (`sync`, unless given); by callback, if it can (`respond-async`,
         * as in draft 2); or by callback alone (`async`, as in draft 3).
         */
        readonly mode?: HttpMode | undefined
      })
    | undefined
}

export interface HttpClientDeps {
  /** Asked for each packet; without a token, the request has no Authorization. */
  readonly credentials: Pick<CredentialStore, 'outgoingToken'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  /** Without it, packets are answered in the response, and those to peers that only answer by callback are rejected. */
  readonly callbacks?: HttpClientCallbacks
  /** 0 to 1, for the pauses between attempts; `Math.random` unless given. */
  readonly random?: () => number
  readonly logger?: Logger
}

export type HttpClient = Pass<OutgoingRequest<HttpClientAccount>> & {
  /** The accounts that packets were posted to, in no order; 10,000 at most, those used last. */
  readonly stats: () => readonly HttpLinkStats[]
}

/**
 * Posts packets to peers whose account has an `http.outgoingUrl` (RFC 35), and passes the others on. A Prepare is
 * sent once, and again only under its Request-Id to a peer that knows these. No redirect is followed.
 */
export function httpClient(deps: HttpClientDeps, options: Partial<HttpClientOptions> = {}): HttpClient {
  const checked = checkOptions({ ...HTTP_CLIENT_DEFAULTS, ...options })
  const all: Links[] = []
  const pass: Pass<OutgoingRequest<HttpClientAccount>> = inner => {
    const links = new Links(deps, checked)
    all.push(links)
    const { start, stop } = lifecycle({ start: () => links.start(), stop: () => links.stop() })
    return {
      ready: inner.ready,
      call: request => {
        const { id, http } = request.to
        const url = http?.outgoingUrl
        return url === undefined ? inner.call(request) : links.send(id, url, http?.mode, request.prepare)
      },
      start,
      stop,
    }
  }
  return Object.assign(pass, { stats: () => all.flatMap(links => links.stats()) })
}

/** The links that are in use, by account. */
class Links {
  readonly #deps: HttpClientDeps
  readonly #options: HttpClientOptions
  readonly #logger: Logger
  readonly #deadlines = new Deadlines()
  readonly #callbacks: CallbackEndpoint | undefined
  readonly #links = new Map<AccountId, Link>()
  readonly #records = new LinkRecords()
  /** Links that take no more packets and end with those they have. */
  readonly #closing = new Map<Link, Promise<void>>()
  #sweep: NodeJS.Timeout | undefined
  #stopped = false

  constructor(deps: HttpClientDeps, options: HttpClientOptions) {
    this.#deps = deps
    this.#options = options
    this.#logger = deps.logger ?? silentLogger
    this.#callbacks =
      deps.callbacks && new CallbackEndpoint(deps.callbacks, options.responseBytesMax, this.#logger)
  }

  async start(): Promise<void> {
    this.#callbacks?.start()
    this.#sweep = setInterval(() => this.#closeUnused(), this.#options.idleTimeoutMs).unref()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#sweep)
    for (const [id, link] of this.#links) this.#close(id, link)
    const timer = setTimeout(() => {
      for (const link of this.#closing.keys()) link.destroy()
    }, this.#options.stopTimeoutMs)
    await Promise.all(this.#closing.values())
    clearTimeout(timer)
    this.#callbacks?.stop()
  }

  send(account: AccountId, url: string, mode: HttpMode = 'sync', prepare: Prepare): Promise<Reply> {
    const now = Date.now()
    const isPossible = mode !== 'async' || this.#callbacks !== undefined
    const link = this.#stopped || !isPossible ? undefined : this.#link(account, url)
    if (!link)
      return Promise.resolve(peerUnreachable(this.#deps.address(), 'there is no link to the next hop'))
    if (prepare.expiresAtMs <= now) {
      return Promise.resolve(transferTimedOut(this.#deps.address(), 'the packet has expired'))
    }
    const latestMs = now + this.#options.answerTimeoutMs
    // The peer is told when we stop waiting: a later fulfillment would be its loss or ours.
    const bounded = prepare.expiresAtMs > latestMs ? prepare.with({ expiresAtMs: latestMs }) : prepare
    const asyncMode = mode === 'sync' || !this.#callbacks ? undefined : mode
    return link.send(bounded, this.#deps.credentials.outgoingToken(account, 'http'), asyncMode)
  }

  stats(): HttpLinkStats[] {
    return Array.from(this.#records, ([account, record]) => ({
      account,
      inFlight: this.#links.get(account)?.inFlight ?? 0,
      ...record,
    }))
  }

  #link(account: AccountId, url: string): Link | undefined {
    const known = this.#links.get(account)
    if (known?.url === url) return known
    if (known) this.#close(account, known)
    try {
      const { address, random = Math.random } = this.#deps
      const link = new Link(
        account,
        url,
        {
          address,
          random,
          deadlines: this.#deadlines,
          callbacks: this.#callbacks,
          record: this.#records.of(account),
          logger: this.#logger,
        },
        this.#options,
      )
      this.#links.set(account, link)
      return link
    } catch {
      this.#logger.debug({ account }, 'the outgoing URL of an account is not valid')
      return undefined
    }
  }

  #closeUnused(): void {
    for (const [id, link] of this.#links) if (link.unused()) this.#close(id, link)
  }

  #close(account: AccountId, link: Link): void {
    this.#links.delete(account)
    this.#closing.set(
      link,
      link.close().finally(() => this.#closing.delete(link)),
    )
  }
}
