import { EXIT, Failure, type Fault } from './failure.js'
import { nextFor } from './next-steps.js'
import type { NodeLocation } from './node-location.js'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface AdminRequest {
  readonly query?: Readonly<Record<string, string | number | undefined>>
  readonly body?: unknown
  /** The request's idempotency key. */
  readonly key?: string
  readonly timeoutMs?: number
}

/** What a node answers when it doesn't do what it was asked for (RFC 9457). */
interface Problem {
  readonly title?: string
  readonly detail?: string
  readonly errors?: readonly Fault[]
}

/** What a node's listener for packets says of the paths of this API. */
const NO_ADMIN_API = 'nothing is served here'

const TIMEOUT_MS = 30_000
const ANSWER_BYTES_MAX = 64 * 1_048_576
/** Lists are read in pages of this size. */
const PAGE = 1_000

/** The admin API of a running node. Every call throws a `Failure` where it doesn't get what it is for. */
export class AdminClient {
  readonly #location: NodeLocation

  constructor(location: NodeLocation) {
    this.#location = location
  }

  get url(): string {
    return this.#location.url
  }

  /** The body of the answer. */
  async call<Body = undefined>(method: Method, path: string, request: AdminRequest = {}): Promise<Body> {
    return (await this.#answer<Body>(method, path, request)).body
  }

  /** All entries of a list that comes in pages. */
  async all<Entry>(path: string, query: AdminRequest['query'] = {}): Promise<Entry[]> {
    const entries: Entry[] = []
    for (let next: string | undefined = `${path}${search({ limit: PAGE, ...query })}`; next !== undefined; ) {
      const answer: { readonly body: Entry[]; readonly next: string | undefined } = await this.#answer(
        'GET',
        next,
        {},
      )
      for (const entry of answer.body) entries.push(entry)
      next = answer.next
    }
    return entries
  }

  /** The body of an answer that goes on until either side ends it. */
  async stream(path: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const opening = new AbortController()
    const isLate = () => opening.abort(new DOMException('no answer in time', 'TimeoutError'))
    const timer = setTimeout(isLate, TIMEOUT_MS)
    const either = AbortSignal.any([signal, opening.signal])
    const response = await this.#fetch('GET', path, {}, either).finally(() => clearTimeout(timer))
    if (response.status !== 200) throw this.#refusal('GET', path, {}, response.status, await read(response))
    if (!response.body) throw this.#stranger()
    return response.body
  }

  async #answer<Body>(method: Method, path: string, request: AdminRequest) {
    const { timeoutMs = TIMEOUT_MS } = request
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await this.#fetch(method, path, request, signal)
    const text = await read(response).catch(error => {
      throw this.#unreachable(error)
    })
    if (response.status < 200 || response.status > 299) {
      throw this.#refusal(method, path, request, response.status, text)
    }
    return { body: this.#parsed<Body>(text), next: nextPage(response.headers.get('link')) }
  }

  #parsed<Body>(text: string): Body {
    try {
      return (text === '' ? undefined : JSON.parse(text)) as Body
    } catch {
      throw this.#stranger()
    }
  }

  async #fetch(method: Method, path: string, { query, body, key }: AdminRequest, signal: AbortSignal) {
    const { url, token } = this.#location
    const headers = new Headers({ authorization: `Bearer ${token}` })
    if (body !== undefined) headers.set('content-type', 'application/json')
    if (key !== undefined) headers.set('idempotency-key', key)
    try {
      // The token is for this node, and for nobody that it sends us to.
      return await fetch(`${url}${path}${search(query)}`, {
        method,
        headers,
        signal,
        redirect: 'manual',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error
      throw this.#unreachable(error)
    }
  }

  #unreachable(error: unknown): Failure {
    const { name, message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException }
    const reason = name === 'TimeoutError' ? 'no answer in time' : (cause?.code ?? cause?.message ?? message)
    return new Failure(`the node at ${this.url} can't be reached: ${reason}`, {
      exitCode: EXIT.unreachable,
      code: 'unreachable',
      next: 'Does it run? Start it with ilp-connector start --config FILE, or name another one with --url.',
    })
  }

  /** Who answers is no node. */
  #stranger(): Failure {
    return new Failure(`what answers at ${this.url} is no admin API of a connector`, {
      exitCode: EXIT.unreachable,
      code: 'unreachable',
      next: "Name the node's adminListen with --url: it is another one than that for packets.",
    })
  }

  #refusal(method: Method, path: string, { body }: AdminRequest, status: number, text: string): Failure {
    const { title, detail, errors: faults } = problemOf(text) ?? {}
    if (title === undefined || detail === NO_ADMIN_API) return this.#stranger()
    if (status === 401 || status === 403) {
      return new Failure(`the node at ${this.url} doesn't take the token`, {
        exitCode: EXIT.unreachable,
        code: 'unauthorised',
        status,
        next: "Give its adminToken: --token-file FILE, the variable ILP_ADMIN_TOKEN, or the node's own --config FILE.",
      })
    }
    const isUsage = status === 400 || status === 413
    const message =
      isUsage && faults ? 'the node refuses what it was given' : about(path, body, detail ?? title)
    const next = nextFor(method, path, status, detail ?? title)
    const code = status === 404 ? 'not-found' : status === 409 || status === 422 ? 'conflict' : 'failed'
    return isUsage
      ? new Failure(message, { exitCode: EXIT.usage, code: 'usage', status, faults, next })
      : new Failure(message, { exitCode: EXIT.failed, code, status, faults, next })
  }
}

/** Names the account that the node knows nothing of: that of the path, or else of the body. */
function about(path: string, body: unknown, detail: string): string {
  if (detail !== 'no account of this username') return detail
  const [, inPath] = /^\/accounts\/([^/?]+)/.exec(path) ?? []
  const { account } = (body ?? {}) as { readonly account?: string }
  const name = inPath === undefined ? account : decodeURIComponent(inPath)
  return name === undefined ? detail : `${detail}: ${name}`
}

function problemOf(text: string): Problem | undefined {
  try {
    return JSON.parse(text) as Problem
  } catch {
    return undefined
  }
}

async function read(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.length
    if (size > ANSWER_BYTES_MAX) throw new Error(`the answer has more than ${ANSWER_BYTES_MAX} bytes`)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function search(query: AdminRequest['query'] = {}): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value))
  const text = given.toString()
  return text === '' ? '' : `?${text}`
}

/** Where the next page of a list is: the header `Link`, RFC 8288. */
const nextPage = (link: string | null): string | undefined =>
  link === null ? undefined : /<(\/[^>]*)>; *rel="next"/.exec(link)?.[1]

/** A segment of a path. */
export const segment = (text: string): string => encodeURIComponent(text)
