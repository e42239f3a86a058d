import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { MessagePort } from '@ilp/btp-pool'
import { WebSocketServer } from 'ws'
import { SOCKET_OPTIONS, WEB_SOCKET_DEFAULTS, type WebSocketOptions } from './options.js'
import { WebSocketPort } from './web-socket-port.js'

/**
 * Answers an HTTP upgrade request. Calls `opened`, before it returns, when that made a WebSocket; otherwise the
 * request was answered with an HTTP error and its socket closed.
 */
export type Acceptor = (
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  opened: (port: MessagePort) => void,
) => void

export function createAcceptor(options: Partial<WebSocketOptions> = {}): Acceptor {
  const { pingIntervalMs } = { ...WEB_SOCKET_DEFAULTS, ...options }
  const server = new WebSocketServer({ ...SOCKET_OPTIONS, noServer: true, clientTracking: false })
  return (request, stream, head, opened) =>
    server.handleUpgrade(request, stream, head, socket =>
      opened(new WebSocketPort(socket, stream, pingIntervalMs)),
    )
}
