import { keepToken, refuse, token } from '../state/session.js'
import { ApiProblem, type ProblemDocument } from './problem.js'

interface Request {
  readonly method?: string
  readonly body?: unknown
  /** For requests that are to have their effect once, however often they are sent. */
  readonly key?: string
  readonly signal?: AbortSignal
}

/** What is only read is answered at once, or the connector is not there. */
const READ_MS_MAX = 10_000

/** As much of a list is read at the most. */
export const LIST_MAX = 5_000

/** A page of a list, and where the next one is. */
export interface Page<T> {
  readonly entries: readonly T[]
  readonly next: string | undefined
}

/**
 * Asks the admin API. A token that is no longer good ends the session.
 * @throws ApiProblem when it was not done; TypeError when nobody answered
 */
export async function api<T = undefined>(path: string, request: Request = {}): Promise<T> {
  return (await ask<T>(path, request)).body
}

export async function apiPage<T>(path: string, signal?: AbortSignal): Promise<Page<T>> {
  const { body, headers } = await ask<readonly T[]>(path, signal ? { signal } : {})
  return { entries: body, next: /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] }
}

/** All of a list, or as much of it as `LIST_MAX`. */
export async function apiList<T>(path: string, signal?: AbortSignal): Promise<readonly T[]> {
  const all: T[] = []
  for (let next: string | undefined = path; next !== undefined && all.length < LIST_MAX; ) {
    const page: Page<T> = await apiPage<T>(next, signal)
    all.push(...page.entries)
    next = page.next
  }
  return all
}

async function ask<T>(
  path: string,
  { method = 'GET', body, key, signal }: Request,
): Promise<{ readonly body: T; readonly headers: Headers }> {
  const used = token.value ?? ''
  const limits = [signal, method === 'GET' ? AbortSignal.timeout(READ_MS_MAX) : undefined]
  const response = await fetch(path, {
    method,
    headers: {
      ...authorization(used),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.any(limits.filter(one => one !== undefined)),
    cache: 'no-store',
  })
  if (!response.ok) {
    if (response.status === 401) refuse(used)
    throw await problemOf(response)
  }
  const text = await response.text()
  return { body: (text === '' ? undefined : JSON.parse(text)) as T, headers: response.headers }
}

/** @throws ApiProblem 401 when the token is a wrong one */
export async function login(given: string): Promise<void> {
  // No header can carry it.
  if (!/^[\x21-\x7e]+$/.test(given)) throw new ApiProblem(401)
  const response = await fetch('/accounts?limit=1', { headers: authorization(given), cache: 'no-store' })
  if (!response.ok) throw await problemOf(response)
  keepToken(given)
}

/** A response whose body is yet to be read: the events. */
export async function apiStream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const used = token.value ?? ''
  const response = await fetch(path, { headers: authorization(used), signal, cache: 'no-store' })
  if (response.status === 401) refuse(used)
  if (!(response.ok && response.body)) throw await problemOf(response)
  return response.body
}

const authorization = (given: string) => ({ authorization: `Bearer ${given}` })

async function problemOf(response: Response): Promise<ApiProblem> {
  const document = (await response.json().catch(() => ({}))) as ProblemDocument
  return new ApiProblem(response.status, document)
}

export const accountPath = (username: string, rest = ''): string =>
  `/accounts/${encodeURIComponent(username)}${rest}`

/** Random text. `crypto.randomUUID` is there for pages over HTTPS only. */
export function randomText(bytes = 16): string {
  const octets = crypto.getRandomValues(new Uint8Array(bytes))
  return Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join('')
}
