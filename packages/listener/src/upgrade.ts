import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemBody } from './problem.js'

/** Answers a request for an upgrade with a problem document, on a socket that has no HTTP parser any more. */
export function refuseUpgrade(socket: Duplex, status: number, detail: string): void {
  const body = problemBody(status, detail)
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: application/problem+json\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n` +
      `\r\n${body}`,
    () => socket.destroy(),
  )
}

export const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket'

const OFFER = new Set(['connection', 'upgrade', 'http2-settings'])

/**
 * The request as it came, without its offer to change the protocol, in front of the bytes that followed it. A server
 * may ignore such an offer (RFC 9110, section 7.8); `node:http` has no way to, so the request is read a second time.
 */
export function withoutOffer(
  { method, url, httpVersion, rawHeaders }: IncomingMessage,
  rest: Buffer,
): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (!OFFER.has(name.toLowerCase())) head += `${name}: ${rawHeaders[i + 1]}\r\n`
  }
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), rest])
}
