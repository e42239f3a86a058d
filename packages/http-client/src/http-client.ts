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
import { Link } from './link.js'
import { checkOptions, HTTP_CLIENT_DEFAULTS, type HttpClientOptions } from './options.js'

export interface HttpClientAccount extends Account {
  readonly http?:
    | {
        /** Where the peer takes packets: an `http` or `https` URL. Without it, the account has no link of this kind. */
        readonly outgoingUrl?: string | undefined
      }
    | undefined
}

export interface HttpClientDeps {
  /** Asked for each packet; without a token, the request has no Authorization. */
  readonly credentials: Pick<CredentialStore, 'outgoingToken'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger
}

/**
 * Posts packets to peers whose account has an `http.outgoingUrl` (RFC 35, answered in the response), and passes the
 * others on. A Prepare is sent once: nothing is ever retried, and no redirect followed.
 */
export function httpClient(
  deps: HttpClientDeps,
  options: Partial<HttpClientOptions> = {},
): Pass<OutgoingRequest<HttpClientAccount>> {
  const checked = checkOptions({ ...HTTP_CLIENT_DEFAULTS, ...options })
  return inner => {
    const links = new Links(deps, checked)
    const { start, stop } = lifecycle({ start: () => links.start(), stop: () => links.stop() })
    return {
      ready: inner.ready,
      call: request => {
        const url = request.to.http?.outgoingUrl
        return url === undefined ? inner.call(request) : links.send(request.to.id, url, request.prepare)
      },
      start,
      stop,
    }
  }
}

/** The links that are in use, by account. */
class Links {
  readonly #deps: HttpClientDeps
  readonly #options: HttpClientOptions
  readonly #logger: Logger
  readonly #deadlines = new Deadlines()
  readonly #links = new Map<AccountId, Link>()
  /** Links that take no more packets and end with those they have. */
  readonly #closing = new Map<Link, Promise<void>>()
  #sweep: NodeJS.Timeout | undefined
  #stopped = false

  constructor(deps: HttpClientDeps, options: HttpClientOptions) {
    this.#deps = deps
    this.#options = options
    this.#logger = deps.logger ?? silentLogger
  }

  async start(): Promise<void> {
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
  }

  send(account: AccountId, url: string, prepare: Prepare): Promise<Reply> {
    const now = Date.now()
    const link = this.#stopped ? undefined : this.#link(account, url)
    if (!link)
      return Promise.resolve(peerUnreachable(this.#deps.address(), 'there is no link to the next hop'))
    if (prepare.expiresAtMs <= now) {
      return Promise.resolve(transferTimedOut(this.#deps.address(), 'the packet has expired'))
    }
    const latestMs = now + this.#options.answerTimeoutMs
    // The peer is told when we stop waiting: a later fulfillment would be its loss or ours.
    const bounded = prepare.expiresAtMs > latestMs ? prepare.with({ expiresAtMs: latestMs }) : prepare
    return link.send(bounded, this.#deps.credentials.outgoingToken(account, 'http'))
  }

  #link(account: AccountId, url: string): Link | undefined {
    const known = this.#links.get(account)
    if (known?.url === url) return known
    if (known) this.#close(account, known)
    try {
      const { address } = this.#deps
      const link = new Link(
        account,
        url,
        { address, deadlines: this.#deadlines, logger: this.#logger },
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
