import type { BtpPool } from '@ilp/btp-pool'
import {
  type Account,
  type AccountId,
  type Logger,
  lifecycle,
  type OutgoingRequest,
  type Pass,
  peerBusy,
  silentLogger,
} from '@ilp/service-core'
import type { AccountChange, CredentialStore, Watch } from '@ilp/store-traits'
import { Dialler } from './dialler.js'
import { type BtpClientOptions, checkOptions } from './options.js'
import { parseOutgoingUrl } from './outgoing-url.js'

export interface BtpClientAccount extends Account {
  readonly btp?:
    | {
        /** The peer's BTP server, which is dialled. Without it, the peer connects to this node. */
        readonly outgoingUrl?: string | undefined
      }
    | undefined
}

export interface BtpClientDeps<A extends BtpClientAccount> {
  /** Shared with `btp-server`. Its owner stops it, after this layer. */
  readonly pool: Pick<BtpPool, 'add' | 'send'>
  readonly accounts: {
    readonly all: () => readonly A[]
    readonly watch: Watch<AccountChange<A>>
  }
  readonly credentials: Pick<CredentialStore, 'outgoingToken' | 'watch'>
  /** This node's ILP address; empty while it has none. */
  readonly address: () => string
  readonly logger?: Logger
  /** 0 to 1, for the pauses between attempts; `Math.random` unless given. */
  readonly random?: () => number
}

/**
 * Sends packets to peers that the pool has sessions with (RFC 23), and dials the servers of accounts that have an
 * outgoing URL. Packets to an account without a session are passed on: it may have a link of another kind.
 * @throws RangeError when an option is out of its range
 */
export function btpClient<A extends BtpClientAccount>(
  deps: BtpClientDeps<A>,
  options: Partial<BtpClientOptions> = {},
): Pass<OutgoingRequest<A>> {
  const { address, pool } = deps
  const checked = checkOptions(options)
  return inner => {
    const diallers = new Diallers(deps, checked)
    const { start, stop } = lifecycle({
      start: async () => diallers.start(),
      stop: () => diallers.stop(),
    })
    return {
      start,
      stop,
      ready: inner.ready,
      call: request => {
        const { to, prepare } = request
        const outcome = pool.send(to.id, prepare)
        if (typeof outcome !== 'string') return outcome
        if (outcome === 'no-session') return inner.call(request)
        return Promise.resolve(peerBusy(address(), 'link to the peer is saturated'))
      },
    }
  }
}

/** The diallers of all accounts that have an outgoing URL. */
class Diallers<A extends BtpClientAccount> {
  readonly #deps: BtpClientDeps<A>
  readonly #options: BtpClientOptions
  readonly #logger: Logger
  readonly #diallers = new Map<AccountId, { readonly url: string; readonly dialler: Dialler | undefined }>()
  #unwatch = () => {}

  constructor(deps: BtpClientDeps<A>, options: BtpClientOptions) {
    this.#deps = deps
    this.#options = options
    this.#logger = deps.logger ?? silentLogger
  }

  start(): void {
    const { accounts, credentials } = this.#deps
    const unwatchAccounts = accounts.watch(({ id, account }) => this.#follow(id, account))
    const unwatchTokens = credentials.watch(({ account, link }) => {
      if (link === 'btp') this.#diallers.get(account)?.dialler?.hurry()
    })
    this.#unwatch = () => {
      unwatchAccounts()
      unwatchTokens()
    }
    for (const account of accounts.all()) this.#follow(account.id, account)
  }

  async stop(): Promise<void> {
    this.#unwatch()
    await Promise.all(Array.from(this.#diallers.values(), ({ dialler }) => dialler?.stop()))
  }

  /** Dials as the account is now. */
  #follow(id: AccountId, account: A | undefined): void {
    const url = account?.btp?.outgoingUrl
    const current = this.#diallers.get(id)
    if (current?.url === url) return
    void current?.dialler?.close()
    this.#diallers.delete(id)
    if (url !== undefined) this.#diallers.set(id, { url, dialler: this.#dial(id, url) })
  }

  #dial(id: AccountId, url: string): Dialler | undefined {
    const target = parseOutgoingUrl(url)
    if (!target) {
      this.#logger.error({ account: id }, 'BTP URL of the account is invalid')
      return undefined
    }
    const { credentials, pool, random = Math.random } = this.#deps
    const token = () => credentials.outgoingToken(id, 'btp') ?? ''
    return new Dialler(id, target, { pool, token, logger: this.#logger, random }, this.#options)
  }
}
