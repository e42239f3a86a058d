import type { HttpRequest } from '@ilp/listener'
import { isAllowedCallback } from './callback-url.js'
import { isRequestId, prefersAsync } from './headers.js'

/** Where the answer to a packet is to be posted, and under which Request-Id. */
export interface Asynchronous {
  readonly requestId: string
  readonly url: string
}

/** Header fields of RFC 35 and RFC 7240; of each, `node:http` makes one text. */
interface Fields {
  readonly 'request-id'?: string
  readonly 'callback-url'?: string
  readonly prefer?: string
}

/** Why a request is not taken. */
export interface Refusal {
  readonly status: number
  readonly detail: string
}

/**
 * How a request wants its packet answered (RFC 35): in the response (undefined), or by a callback. With `Prefer:
 * respond-async`, which is a wish, the answer is in the response where it can't be granted. A Callback-Url without it
 * is a demand, and so is a Request-Id alone where the peer's callback URL is agreed.
 * @param allowed the account's callback URL
 */
export function formOf(
  { headers }: HttpRequest,
  allowed: string | undefined,
): Asynchronous | Refusal | undefined {
  const { 'request-id': requestId, 'callback-url': callbackUrl, prefer } = headers as Fields
  const prefers = prefersAsync(prefer)
  const url = callbackUrl ?? allowed
  const isDemanded =
    !prefers && (callbackUrl !== undefined || (requestId !== undefined && allowed !== undefined))
  if (!prefers && !isDemanded) return undefined
  if (url === undefined || allowed === undefined || !isAllowedCallback(url, allowed)) {
    return isDemanded ? { status: 403, detail: 'answers are not posted to this Callback-Url' } : undefined
  }
  if (requestId !== undefined && isRequestId(requestId)) return { requestId, url }
  return { status: 400, detail: 'the Request-Id is no UUID' }
}
