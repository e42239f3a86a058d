import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http'
import type { HttpResponse } from './http.js'

/** A problem document (RFC 9457) whose type says no more than its status. */
export const problemBody = (status: number, detail: string): string =>
  JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail })

/** Answers with a problem document (RFC 9457). Must be the first that is written to the response. */
export function problem(
  response: HttpResponse,
  status: number,
  detail: string,
  headers: OutgoingHttpHeaders = {},
): void {
  const body = problemBody(status, detail)
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}
