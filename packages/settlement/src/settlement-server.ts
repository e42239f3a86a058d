import { createHash, timingSafeEqual } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HttpRequest, type HttpResponse, type Listener, type Params, problem } from '@ilp/listener'
import {
  type AccountId,
  DATA_LENGTH_MAX,
  type Disposable,
  isAccountId,
  isFulfill,
  type Logger,
  lifecycle,
  type OutgoingRequest,
  type Service,
} from '@ilp/service-core'
import { type IncomingSettlement, type Store, StoreError } from '@ilp/store-traits'
import type { SettlementAccount } from './account.js'
import { readBody } from './body.js'
import { volatility } from './durability.js'
import { checkOptions } from './options.js'
import { messagePrepare } from './peer-settle.js'
import { parseQuantity } from './quantity.js'

export interface SettlementServerDeps<A extends SettlementAccount> {
  /** One of its own: nobody but engines is to reach it. */
  readonly listener: Pick<Listener, 'handle'>
  readonly accounts: { readonly get: (id: AccountId) => A | undefined }
  readonly store: {
    readonly settlements: Pick<Store['settlements'], 'credit'>
    readonly properties: Store['properties']
  }
  /** The outgoing side of the chain, which takes messages to peers. */
  readonly outgoing: Pick<Service<OutgoingRequest<A>>, 'call'>
  /** The node's own account, in the asset of the one given, that messages come from. */
  readonly selfFor: (account: A) => A
  /** What engines have to present as `Authorization: Bearer`; nothing unless given. */
  readonly token?: string | undefined
  readonly logger: Logger
}

export interface SettlementServerOptions {
  /** How long a peer may take to answer a message. */
  readonly messageTimeoutMs: number
  /**
   * How long a settlement waits for a store that is out of reach, before the engine is told to try again. Longer than
   * the engine itself waits: some take any answer but a timeout for final.
   */
  readonly creditTimeoutMs: number
  /** Settles on stores that can lose what they acknowledged. */
  readonly allowVolatileSettlement: boolean
}

export const SETTLEMENT_SERVER_DEFAULTS: SettlementServerOptions = Object.freeze({
  messageTimeoutMs: 9_000,
  creditTimeoutMs: 15_000,
  allowVolatileSettlement: false,
})

const QUANTITY_BYTES_MAX = 4_096
const KEY = /^[!-~]{1,255}$/
const STORE_RETRY_MS = 100
const OCTET_STREAM = 'application/octet-stream'

/**
 * What settlement engines ask of the node (RFC 38), from `start` to `stop`: `POST /accounts/{id}/settlements` credits
 * what an engine has received, `POST /accounts/{id}/messages` sends a message to the peer's engine.
 * @throws RangeError when an option is no whole number above 0
 */
export function settlementServer<A extends SettlementAccount>(
  deps: SettlementServerDeps<A>,
  options: Partial<SettlementServerOptions> = {},
): Disposable {
  const server = new Server(deps, checkOptions({ ...SETTLEMENT_SERVER_DEFAULTS, ...options }))
  return lifecycle(server)
}

type Handler<A> = (account: A, request: HttpRequest, response: HttpResponse) => Promise<void>

class Server<A extends SettlementAccount> {
  readonly #deps: SettlementServerDeps<A>
  readonly #options: SettlementServerOptions
  readonly #expected: Buffer | undefined
  readonly #stopping = new AbortController()
  #withdraw: readonly (() => void)[] = []

  constructor(deps: SettlementServerDeps<A>, options: SettlementServerOptions) {
    this.#deps = deps
    this.#options = options
    this.#expected = deps.token === undefined ? undefined : digest(`Bearer ${deps.token}`)
    // Each settlement that waits for the store listens.
    setMaxListeners(0, this.#stopping.signal)
  }

  async start(): Promise<void> {
    const serve = (path: string, handler: Handler<A>) =>
      this.#deps.listener.handle('POST', path, (request, response, params) => {
        void this.#answer(handler, request, response, params)
      })
    this.#withdraw = [
      serve('/accounts/:id/settlements', this.#credit),
      serve('/accounts/:id/messages', this.#send),
    ]
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const end of this.#withdraw) end()
  }

  async #answer(
    handler: Handler<A>,
    request: HttpRequest,
    response: HttpResponse,
    { id = '' }: Params,
  ): Promise<void> {
    try {
      if (!this.#isAllowed(request)) {
        refuse(request, response, 401, 'no valid token', { 'WWW-Authenticate': 'Bearer' })
        return
      }
      const account = this.#account(id)
      if (account) await handler(account, request, response)
      else refuse(request, response, 404, 'no account of this id has a settlement engine')
    } catch (err) {
      this.#deps.logger.error({ err, account: id }, 'a request of a settlement engine failed')
      if (!response.headersSent) problem(response, 500, 'internal error')
    }
  }

  #isAllowed({ headers }: HttpRequest): boolean {
    if (!this.#expected) return true
    const given = headers.authorization?.replace(/^bearer +/i, 'Bearer ') ?? ''
    return timingSafeEqual(digest(given), this.#expected)
  }

  #account(id: string): A | undefined {
    const account = isAccountId(id) ? this.#deps.accounts.get(id) : undefined
    return account?.settlement && account
  }

  readonly #credit: Handler<A> = async (account, request, response) => {
    const key = request.headers['idempotency-key']
    if (typeof key !== 'string' || !KEY.test(key)) {
      refuse(request, response, 400, 'expected one Idempotency-Key, of 1 to 255 visible ASCII characters')
      return
    }
    const body = await readBody(request, QUANTITY_BYTES_MAX)
    if (!body) return
    if (body === 'too-large') {
      refuse(request, response, 413, `more than ${QUANTITY_BYTES_MAX} octets`)
      return
    }
    const quantity = parseQuantity(body.toString())
    if (!quantity) {
      problem(response, 400, 'expected { "amount": "digits, 100 at most", "scale": 0 to 255 }')
      return
    }
    const credited = await this.#creditedBy({ key, account, quantity })
    if (credited === 'unavailable') {
      problem(response, 503, 'the store is out of reach: try again', { 'Retry-After': '1' })
    } else if (credited === 'key-reused') {
      problem(response, 409, 'this Idempotency-Key was used for another account or quantity')
    } else {
      // All of it is taken, also what is less than a unit of the account: the engine must not keep that as well.
      const { amount, scale } = quantity
      sendBody(
        response,
        201,
        'application/json',
        Buffer.from(JSON.stringify({ amount: amount.toString(), scale })),
      )
    }
  }

  async #creditedBy(incoming: IncomingSettlement): Promise<bigint | 'key-reused' | 'unavailable'> {
    const { store, logger } = this.#deps
    const account = incoming.account.id
    const loses = volatility(store, this.#options)
    if (loses !== undefined) {
      logger.error({ account, loses }, 'a settlement came in, and is refused on a store that can lose it')
      return 'unavailable'
    }
    const byMs = Date.now() + this.#options.creditTimeoutMs
    for (;;) {
      try {
        return await store.settlements.credit(incoming)
      } catch (err) {
        if (!(err instanceof StoreError)) throw err
        const isOver = Date.now() + STORE_RETRY_MS > byMs || this.#stopping.signal.aborted
        if (isOver || err.code !== 'ERR_STORE_UNAVAILABLE') {
          logger.warn({ err, account }, 'a settlement that came in could not be credited: the engine retries')
          return 'unavailable'
        }
      }
      await sleep(STORE_RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {})
    }
  }

  readonly #send: Handler<A> = async (account, request, response) => {
    const { outgoing, selfFor } = this.#deps
    const message = await readBody(request, DATA_LENGTH_MAX)
    if (!message) return
    if (message === 'too-large') {
      refuse(request, response, 413, `more than ${DATA_LENGTH_MAX} octets`)
      return
    }
    const prepare = messagePrepare(message, new Date(Date.now() + this.#options.messageTimeoutMs))
    const reply = await outgoing.call({ from: selfFor(account), to: account, incomingAmount: 0n, prepare })
    if (isFulfill(reply)) sendBody(response, 201, OCTET_STREAM, reply.data)
    else if (reply.data.length > 0) sendBody(response, 502, OCTET_STREAM, reply.data)
    else problem(response, 502, `the message was rejected with ${reply.code}: ${reply.message}`)
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Answers without reading the body, which HTTP/1.1 would have to do before the next request. */
function refuse(
  request: HttpRequest,
  response: HttpResponse,
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): void {
  const ending = request.httpVersionMajor === 1 ? { Connection: 'close' } : {}
  problem(response, status, detail, { ...headers, ...ending })
}

function sendBody(response: HttpResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length })
  response.end(body)
}
