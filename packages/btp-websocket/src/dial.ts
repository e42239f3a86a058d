import type { IncomingMessage } from 'node:http'
import type { MessagePort } from '@ilp/btp-pool'
import { WebSocket } from 'ws'
import { SOCKET_OPTIONS, WEB_SOCKET_DEFAULTS, type WebSocketOptions } from './options.js'
import { WebSocketPort } from './web-socket-port.js'

export interface DialOptions extends Partial<WebSocketOptions> {
  /** Certificates, in PEM, of authorities that are trusted in place of the well-known ones. */
  readonly ca?: string | undefined
}

/**
 * Opens a WebSocket. The server's certificate is verified.
 * @param url `ws:` or `wss:`, without a fragment
 * @param signal gives the attempt up; has no effect on a port that is open
 * @throws Error when it can't be opened
 */
export function dial(url: URL, signal: AbortSignal, options: DialOptions = {}): Promise<MessagePort> {
  const { pingIntervalMs, ca } = { ...WEB_SOCKET_DEFAULTS, ...options }
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = new WebSocket(url, { ...SOCKET_OPTIONS, ...(ca !== undefined && { ca }) })
    const abort = () => socket.terminate()
    signal.addEventListener('abort', abort, { once: true })
    let response: IncomingMessage | undefined
    socket.once('upgrade', upgrade => {
      response = upgrade
    })
    socket.once('open', () => {
      signal.removeEventListener('abort', abort)
      resolve(new WebSocketPort(socket, (response as IncomingMessage).socket, pingIntervalMs))
    })
    socket.on('error', reject)
    socket.once('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new Error('closed before it was open'))
    })
  })
}
