import * as http from 'node:http'
import * as http2 from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Connections } from './connections.js'
import type { HttpRequest, HttpResponse } from './http.js'
import type { ListenerOptions } from './options.js'
import { problem } from './problem.js'

/** A certificate chain and its private key, in PEM. */
export interface Tls {
  readonly cert: string | Buffer
  readonly key: string | Buffer
  /**
   * With it, clients are asked for certificates of theirs. Those without one are served all the same, and those with
   * one that no authority vouches for: what it is worth is for whoever authenticates requests to judge.
   */
  readonly clientCertificates?: ClientCertificates | undefined
}

export interface ClientCertificates {
  /** The authorities, in PEM, by which a connection is `authorized`. None unless given: not even the well-known ones. */
  readonly ca?: string | Buffer | undefined
}

export type Server = http.Server | http2.Http2SecureServer

interface Handlers {
  readonly request: (request: HttpRequest, response: HttpResponse) => void
  readonly upgrade: (request: http.IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly connections: Connections
}

/** How often, at the least, `node:http` looks for connections that exceed their time. */
const CHECK_INTERVAL_MAX_MS = 1_000

/** A server with its limits set and its events attached; doesn't listen yet. */
export function createServer(
  tls: Tls | undefined,
  options: ListenerOptions,
  { request, upgrade, connections }: Handlers,
): Server {
  const shared = {
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MAX_MS, options.headersTimeoutMs),
    maxHeaderSize: options.headersBytesMax,
  }
  const server = tls ? createSecure(tls, options, shared) : http.createServer({ ...shared, noDelay: true })
  // Set one by one, since `node:http2` takes them for HTTP/1.1 in no other way.
  Object.assign(server, {
    headersTimeout: options.headersTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    // Between requests the same silence counts as within one: two times would be two timers made for each request.
    keepAliveTimeout: 0,
    timeout: options.idleTimeoutMs,
    maxConnections: options.connectionsMax,
    ...shared,
  })

  if (tls) {
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') connections.opened(socket)
    })
    server.on('session', (session: http2.ServerHttp2Session) => connections.sessionOpened(session))
  } else server.on('connection', (socket: Socket) => connections.opened(socket))

  const answer = (incoming: HttpRequest, response: HttpResponse) => {
    if (incoming instanceof http.IncomingMessage) {
      connections.answering(response as http.ServerResponse)
      // The parser lets requests pass that claim to be HTTP/0.9 or HTTP/2.0.
      if (incoming.httpVersionMajor !== 1) {
        problem(response, 505, 'this connection is HTTP/1.1', { Connection: 'close' })
        return
      }
    }
    request(incoming, response)
  }
  server.on('request', answer)
  server.on('checkContinue', (incoming: HttpRequest, response: HttpResponse) => {
    answer(incoming, response)
    // The body is asked for only when its head was not enough for an answer.
    if (!response.headersSent) response.writeContinue()
  })
  server.on('upgrade', upgrade)
  return server
}

function createSecure(
  { cert, key, clientCertificates }: Tls,
  options: ListenerOptions,
  shared: object,
): http2.Http2SecureServer {
  return http2.createSecureServer({
    ...shared,
    cert,
    key,
    ...(clientCertificates && {
      requestCert: true,
      rejectUnauthorized: false,
      ca: clientCertificates.ca ?? [],
    }),
    allowHTTP1: true,
    handshakeTimeout: options.headersTimeoutMs,
    settings: { maxConcurrentStreams: options.streamsMax, maxHeaderListSize: options.headersBytesMax },
  })
}
