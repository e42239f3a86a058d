import type { OutgoingHttpHeaders } from 'node:http'
import { type HttpRequest, type HttpResponse, type Listener, type Params, problem } from '@ilp/listener'
import { type Disposable, lifecycle } from '@ilp/service-core'
import { acceptsSpsp, SPSP4 } from './accept.js'

/** What a payment's sender has to know of its receiver. */
export interface SpspReceiver {
  /** The ILP address to pay to. */
  readonly destinationAccount: string
  /** 32 octets, for this one client. */
  readonly sharedSecret: Uint8Array
  /** Whether the receiver will issue the receipts that were asked for. */
  readonly receiptsEnabled?: boolean
}

/** What a verifier that relays the query wants receipts made with (RFC 39). The sender never gets to know the secret. */
export interface ReceiptSetup {
  /** 16 octets. */
  readonly nonce: Buffer
  /** 32 octets. */
  readonly secret: Buffer
}

export interface SpspServerDeps {
  readonly listener: Pick<Listener, 'handle'>
  /**
   * Fresh credentials for one query; undefined when there is no such receiver. Without a username, for the node's
   * default receiver.
   */
  readonly receiverFor: (username: string | undefined, receipts?: ReceiptSetup) => SpspReceiver | undefined
}

export interface SpspServerOptions {
  /** How long a client may keep an answer; 0 for not at all. Whole seconds. */
  readonly maxAgeMs: number
}

export const SPSP_SERVER_DEFAULTS: SpspServerOptions = Object.freeze({ maxAgeMs: 60_000 })

const PATHS = ['/.well-known/pay', '/accounts/:username/spsp']

/** As RFC 9 has it: a script may not ask for receipts, since the sender must not know their secret. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'web-monetization-id',
}

const NO_CACHE = 'no-cache, no-store'
/** For answers that are no credentials. */
const PROBLEM = { ...CORS, 'Cache-Control': NO_CACHE }

/** 16 octets in base64 or base64url, padded or not. */
const NONCE = /^[\w+/-]{22}(==)?$/
/** 32 octets, likewise. */
const SECRET = /^[\w+/-]{43}=?$/

/**
 * Answers SPSP queries (RFC 9) at `/accounts/{username}/spsp` and, for payment pointers without a path (RFC 26), at
 * `/.well-known/pay`, from `start` to `stop`.
 * @throws RangeError when `maxAgeMs` is not a whole number of seconds
 */
export function spspServer(deps: SpspServerDeps, options: Partial<SpspServerOptions> = {}): Disposable {
  const { maxAgeMs } = { ...SPSP_SERVER_DEFAULTS, ...options }
  if (!(Number.isSafeInteger(maxAgeMs / 1_000) && maxAgeMs >= 0)) {
    throw new RangeError(`maxAgeMs is ${maxAgeMs}, not a whole number of seconds`)
  }
  // An answer holds a secret that is for one client, so that no cache between may keep it.
  const cacheControl = maxAgeMs === 0 ? NO_CACHE : `private, max-age=${maxAgeMs / 1_000}`

  const query = (request: HttpRequest, response: HttpResponse, { username }: Params) => {
    if (!acceptsSpsp(request.headers.accept)) {
      problem(response, 406, `answers come as ${SPSP4}`, PROBLEM)
      return
    }
    const receipts = receiptSetup(request)
    if (receipts === 'invalid') {
      problem(response, 400, 'Receipt-Nonce has 16 octets and Receipt-Secret 32, both in base64', PROBLEM)
      return
    }
    const receiver = deps.receiverFor(username, receipts)
    if (!receiver) {
      sendJson(response, 404, { id: 'InvalidReceiverError', message: 'Invalid receiver ID' }, NO_CACHE)
      return
    }
    const body = {
      destination_account: receiver.destinationAccount,
      shared_secret: Buffer.from(receiver.sharedSecret).toString('base64'),
      receipts_enabled: receiver.receiptsEnabled,
    }
    sendJson(response, 200, body, receipts ? NO_CACHE : cacheControl)
  }

  let withdraw: readonly (() => void)[] = []
  return lifecycle({
    start: async () => {
      withdraw = PATHS.flatMap(path => [
        deps.listener.handle('GET', path, query),
        deps.listener.handle('OPTIONS', path, preflight),
      ])
    },
    stop: async () => {
      for (const end of withdraw) end()
    },
  })
}

function preflight(_request: HttpRequest, response: HttpResponse): void {
  response.writeHead(204, {
    ...CORS,
    'Access-Control-Allow-Methods': 'GET, OPTIONS',
    Allow: 'GET, HEAD, OPTIONS',
  })
  response.end()
}

function sendJson(response: HttpResponse, status: number, value: object, cacheControl: string): void {
  const body = JSON.stringify(value)
  const headers: OutgoingHttpHeaders = {
    ...CORS,
    'Content-Type': SPSP4,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': cacheControl,
    // An answer that is kept is none to a query for receipts.
    Vary: 'Accept, Receipt-Nonce, Receipt-Secret',
  }
  response.writeHead(status, headers)
  response.end(body)
}

/** What the two headers of RFC 39 say; undefined when both are missing. */
function receiptSetup({ headers }: HttpRequest): ReceiptSetup | undefined | 'invalid' {
  const { 'receipt-nonce': nonce, 'receipt-secret': secret } = headers
  if (nonce === undefined && secret === undefined) return undefined
  if (!NONCE.test(String(nonce)) || !SECRET.test(String(secret))) return 'invalid'
  return { nonce: Buffer.from(String(nonce), 'base64'), secret: Buffer.from(String(secret), 'base64') }
}
