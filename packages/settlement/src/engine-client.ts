import { type AccountId, DATA_LENGTH_MAX, type Disposable, lifecycle } from '@ilp/service-core'
import type { OutgoingSettlement } from '@ilp/store-traits'
import { Agent, type Dispatcher, request } from 'undici'
import { checkOptions } from './options.js'

/** What an engine answered. */
export interface EngineAnswer {
  readonly status: number
  /** Of an answer to a message; empty otherwise. At most 32,767 octets. */
  readonly body: Buffer
}

/** No answer that could be used. What was asked may have been done all the same. */
export interface EngineSilence {
  /** Why, for the log. */
  readonly trouble: string
  /** It was reached, perhaps, and did not answer in time; or nobody waits any more. */
  readonly isGivenUp: boolean
}

export type EngineReply = EngineAnswer | EngineSilence

export const isAnswer = (reply: EngineReply): reply is EngineAnswer => 'status' in reply

/** Whether the engine has done what it was asked for. */
export const isDone = (reply: EngineReply): boolean =>
  isAnswer(reply) && reply.status >= 200 && reply.status < 300

/** What is refused now and may be taken later: timeouts, another request under way, too many of them. */
const TEMPORARY = new Set([408, 409, 425, 429])

/** Whether the engine has said no, and will say so again. */
export const isRefused = (reply: EngineReply): boolean =>
  isAnswer(reply) && reply.status >= 400 && reply.status < 500 && !TEMPORARY.has(reply.status)

export interface EngineClientDeps {
  /** What requests go through, for client certificates for instance. Not closed by `stop`. An agent of its own unless given. */
  readonly dispatcher?: Dispatcher | undefined
  /** Presented to engines as `Authorization: Bearer`. */
  readonly token?: string | undefined
}

export interface EngineClientOptions {
  /** Connections to one engine; requests that find none free wait. */
  readonly connectionsMax: number
  /** How long an engine may take to answer. */
  readonly answerTimeoutMs: number
}

export const ENGINE_CLIENT_DEFAULTS: EngineClientOptions = Object.freeze({
  connectionsMax: 64,
  answerTimeoutMs: 30_000,
})

/**
 * Speaks to settlement engines (RFC 38). Nothing is sent twice, with one exception: an engine that answers 404 is told
 * of the account, and asked again once. Redirects are not followed. Never throws for what an engine does.
 */
export interface EngineClient extends Disposable {
  /** Tells the engine of an account; again, as often as one likes. */
  readonly createAccount: (
    engineUrl: string,
    account: AccountId,
    signal?: AbortSignal,
  ) => Promise<EngineReply>
  readonly deleteAccount: (
    engineUrl: string,
    account: AccountId,
    signal?: AbortSignal,
  ) => Promise<EngineReply>
  /** Has the engine settle, under the settlement's own key. */
  readonly settle: (
    engineUrl: string,
    settlement: OutgoingSettlement,
    signal?: AbortSignal,
  ) => Promise<EngineReply>
  /** Hands over a message of the peer's engine. */
  readonly message: (
    engineUrl: string,
    account: AccountId,
    message: Uint8Array,
    timeoutMs: number,
  ) => Promise<EngineReply>
}

type Call = Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'> & {
  readonly path: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Whether the answer's body is of any interest. */
  readonly wantsBody?: boolean
}

const JSON_TYPE = 'application/json'
const OCTET_STREAM = 'application/octet-stream'
const NO_BODY = Buffer.alloc(0)
/** How much of a body that nobody wants is read, so that the connection can be used again. */
const IGNORED_BYTES_MAX = 16_384

/** @throws RangeError when an option is no whole number above 0 */
export function createEngineClient(
  { dispatcher, token }: EngineClientDeps = {},
  options: Partial<EngineClientOptions> = {},
): EngineClient {
  const { connectionsMax, answerTimeoutMs } = checkOptions({ ...ENGINE_CLIENT_DEFAULTS, ...options })
  const agent = dispatcher ?? new Agent({ connections: connectionsMax })
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }

  const call = async (engineUrl: string, { path, timeoutMs, signal, wantsBody, ...rest }: Call) => {
    const controller = new AbortController()
    const abort = () => controller.abort(new Error('stopped'))
    const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    try {
      const { statusCode: status, body } = await request(`${engineUrl.replace(/\/+$/, '')}${path}`, {
        ...rest,
        headers: { ...authorization, ...rest.headers },
        dispatcher: agent,
        signal: controller.signal,
        // The timer above is for all of it.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      if (wantsBody) return { status, body: await read(body) }
      // The status has said it all, whatever becomes of the body.
      await body.dump({ limit: IGNORED_BYTES_MAX, signal: controller.signal }).catch(() => {})
      return { status, body: NO_BODY }
    } catch (error) {
      return { trouble: describe(error), isGivenUp: controller.signal.aborted }
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  const createAccount: EngineClient['createAccount'] = (engineUrl, id, signal) =>
    call(engineUrl, {
      path: '/accounts',
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE },
      body: JSON.stringify({ id }),
      timeoutMs: answerTimeoutMs,
      signal,
    })

  /** An engine that doesn't know the account has lost it, or has never heard of it. */
  const callKnown = async (engineUrl: string, account: AccountId, details: Call): Promise<EngineReply> => {
    const byMs = Date.now() + details.timeoutMs
    const reply = await call(engineUrl, details)
    if (!isAnswer(reply) || reply.status !== 404) return reply
    if (!isDone(await createAccount(engineUrl, account, details.signal))) return reply
    const timeoutMs = byMs - Date.now()
    return timeoutMs > 0 ? call(engineUrl, { ...details, timeoutMs }) : reply
  }

  return {
    ...lifecycle({
      start: async () => {},
      stop: async () => {
        if (!dispatcher) await agent.destroy()
      },
    }),
    createAccount,
    deleteAccount: (engineUrl, account, signal) =>
      call(engineUrl, { path: pathOf(account), method: 'DELETE', timeoutMs: answerTimeoutMs, signal }),
    settle: (engineUrl, { key, account, amount }, signal) =>
      callKnown(engineUrl, account.id, {
        path: `${pathOf(account.id)}/settlements`,
        method: 'POST',
        headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE, 'idempotency-key': key },
        body: JSON.stringify({ amount: amount.toString(), scale: account.asset.scale }),
        timeoutMs: answerTimeoutMs,
        signal,
      }),
    message: (engineUrl, account, message, timeoutMs) =>
      callKnown(engineUrl, account, {
        path: `${pathOf(account)}/messages`,
        method: 'POST',
        headers: { 'content-type': OCTET_STREAM, accept: OCTET_STREAM },
        body: message,
        timeoutMs: Math.min(timeoutMs, answerTimeoutMs),
        wantsBody: true,
      }),
  }
}

const pathOf = (account: AccountId): string => `/accounts/${encodeURIComponent(account)}`

async function read(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop early destroys the body, and with it the connection.
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > DATA_LENGTH_MAX) throw new Error(`an answer of more than ${DATA_LENGTH_MAX} octets`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function describe(error: unknown): string {
  const { code, message } = error as Error & { code?: string }
  return code === undefined ? message : `${code}: ${message}`
}
