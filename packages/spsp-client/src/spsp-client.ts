import { lookup } from 'node:dns/promises'
import { type Disposable, lifecycle } from '@ilp/service-core'
import { Agent } from 'undici'
import { isPublicAddress } from './addresses.js'
import type { SpspAnswer } from './answer.js'
import { guardedConnect, type Resolve } from './connect.js'
import { SpspError } from './error.js'
import { checkOptions, SPSP_CLIENT_DEFAULTS, type SpspClientOptions } from './options.js'
import { parseEndpoint, resolvePointer } from './pointer.js'
import { Walk } from './walk.js'

/** What a verifier that relays a sender's query wants receipts made with (RFC 39). */
export interface ReceiptSetup {
  /** 16 octets, other ones for each query. */
  readonly nonce: Uint8Array
  /** 32 octets, never for the sender to know. */
  readonly secret: Uint8Array
}

export interface SpspQuery {
  /** Asks the receiver for receipts; the answer says whether there will be any. */
  readonly receipts?: ReceiptSetup
  /** Ends the query. */
  readonly signal?: AbortSignal
}

export interface SpspClientDeps {
  /** The IP addresses of a host, in the order in which they are to be tried; the system's resolver unless given. */
  readonly resolve?: Resolve
}

/** Asks SPSP endpoints. Each query goes out: no answer is kept, since it holds a secret. */
export interface SpspClient extends Disposable {
  /**
   * Asks whom to pay. What it gives goes to a STREAM sender's `pay` as it is.
   * @param pointer a payment pointer (`$example.com/bob`), or the `https` URL of an endpoint
   * @throws SpspError when there is no answer
   * @throws RangeError for receipts whose nonce or secret has a wrong length
   */
  readonly query: (pointer: string, query?: SpspQuery) => Promise<SpspAnswer>
}

const NONCE_LENGTH = 16
const SECRET_LENGTH = 32

/** @throws RangeError for an option out of its range */
export function createSpspClient(
  { resolve = systemResolve }: SpspClientDeps = {},
  options: Partial<SpspClientOptions> = {},
): SpspClient {
  const settings = checkOptions({ ...SPSP_CLIENT_DEFAULTS, ...options })
  const { allowHttp, allowPrivateAddresses, timeoutMs, bodyBytesMax, connectionsMax, ca } = settings
  const origins = new Map(Object.entries(settings.origins))
  /** Each ends a query that is under way. */
  const underWay = new Set<(cause: unknown) => void>()
  let stopped: Error | undefined
  const dispatcher = new Agent({
    connections: connectionsMax,
    maxResponseSize: bodyBytesMax,
    connect: guardedConnect({
      resolve,
      isAllowed: allowPrivateAddresses ? () => true : isPublicAddress,
      ca,
      timeoutMs,
    }),
  })

  const endpointOf = (pointer: string): URL | undefined => {
    if (!pointer.startsWith('$')) return parseEndpoint(pointer, allowHttp)
    const url = resolvePointer(pointer)
    const origin = url && origins.get(url.host)
    return origin === undefined ? url : new URL(`${origin}${url?.pathname}`)
  }

  const query: SpspClient['query'] = async (pointer, { receipts, signal } = {}) => {
    const headers = receipts ? receiptHeaders(receipts) : {}
    const endpoint = endpointOf(pointer)
    if (!endpoint) {
      throw new SpspError('ERR_SPSP_POINTER_INVALID', 'no payment pointer, and no URL that may be asked')
    }
    const over = new AbortController()
    const timer = setTimeout(
      () => over.abort(new SpspError('ERR_SPSP_TIMED_OUT', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    )
    const cancel = (cause: unknown) =>
      over.abort(new SpspError('ERR_SPSP_CANCELLED', 'the query was cancelled', { cause }))
    const onAbort = () => cancel(signal?.reason)
    if (signal?.aborted) onAbort()
    if (stopped) cancel(stopped)
    signal?.addEventListener('abort', onAbort)
    underWay.add(cancel)
    try {
      return await new Walk({ dispatcher, settings }, endpoint, headers, over.signal).answer()
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      underWay.delete(cancel)
    }
  }

  return {
    ...lifecycle({
      start: async () => {},
      stop: async () => {
        stopped = new Error('the client was stopped')
        for (const cancel of underWay) cancel(stopped)
        await dispatcher.destroy()
      },
    }),
    query,
  }
}

const systemResolve: Resolve = async host => (await lookup(host, { all: true })).map(({ address }) => address)

function receiptHeaders({ nonce, secret }: ReceiptSetup): Record<string, string> {
  if (nonce.length !== NONCE_LENGTH) throw new RangeError(`receipt nonce of ${nonce.length} octets, not 16`)
  if (secret.length !== SECRET_LENGTH)
    throw new RangeError(`receipt secret of ${secret.length} octets, not 32`)
  return {
    'receipt-nonce': Buffer.from(nonce).toString('base64'),
    'receipt-secret': Buffer.from(secret).toString('base64'),
  }
}
