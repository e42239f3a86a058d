import type { IncomingMessage } from 'node:http'
import { constants, type Http2ServerRequest } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { Deadlines, type Disposable, type Logger, lifecycle, silentLogger } from '@ilp/service-core'
import { Connections } from './connections.js'
import type { HttpRequest, HttpResponse, RequestHandler, UpgradeHandler } from './http.js'
import { checkOptions, LISTENER_DEFAULTS, type ListenerOptions } from './options.js'
import { problem } from './problem.js'
import { namesOf, paramsOf, type Route, RouteTable } from './route-table.js'
import { createServer, type Server, type Tls } from './server.js'
import { asksForWebSocket, refuseUpgrade, withoutOffer } from './upgrade.js'

export interface Endpoint {
  /** The address to listen on: a host name, or an IPv4 or IPv6 address. */
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** With it, HTTPS: HTTP/2 or HTTP/1.1, as the client asks by ALPN. Without, HTTP/1.1 in clear text. */
  readonly tls?: Tls
  readonly logger?: Logger
}

/**
 * A port that several services share. They register what they serve when they start, and take it back when they
 * stop. Paths nobody ever registered are answered with 404, those whose service isn't there any more with 503.
 */
export interface Listener extends Disposable {
  /**
   * Serves requests of one method at the paths of a pattern such as `/accounts/:username/ilp`; returns what ends it.
   * `GET` handlers get `HEAD` requests as well, whose answers lose their body.
   * @throws Error when the pattern is already served for this method
   */
  readonly handle: (method: string, pattern: string, handler: RequestHandler) => () => void
  /**
   * Takes the sockets of requests for WebSocket; returns what ends it. The handler owns the socket: stopping the
   * listener doesn't close it.
   * @throws Error when the pattern already has a handler for upgrades
   */
  readonly upgrade: (pattern: string, handler: UpgradeHandler) => () => void
  /** Where it listens, with the real port. @throws Error before it has started */
  readonly url: () => string
}

const STOPPING = 'the node is stopping'

export function createListener(endpoint: Endpoint, options: Partial<ListenerOptions> = {}): Listener {
  return new HttpListener(endpoint, checkOptions({ ...LISTENER_DEFAULTS, ...options })).listener
}

class HttpListener {
  readonly listener: Listener
  readonly #endpoint: Endpoint
  readonly #options: ListenerOptions
  readonly #logger: Logger
  readonly #routes = new RouteTable()
  readonly #connections = new Connections()
  /** For the bodies of HTTP/2 requests: `node:http` sees to those of HTTP/1.1. */
  readonly #bodies = new Deadlines()
  /** Connections whose offer of another protocol was ignored. */
  readonly #readAgain = new WeakSet<Duplex>()
  #server: Server | undefined
  #url: string | undefined
  #stopping = false

  constructor(endpoint: Endpoint, options: ListenerOptions) {
    this.#endpoint = endpoint
    this.#options = options
    this.#logger = endpoint.logger ?? silentLogger
    this.listener = {
      ...lifecycle({ start: () => this.#start(), stop: () => this.#stop() }),
      handle: (method, pattern, handler) => this.#handle(method, pattern, handler),
      upgrade: (pattern, handler) => this.#upgrade(pattern, handler),
      url: () => {
        if (this.#url === undefined) throw new Error('the listener has not started')
        return this.#url
      },
    }
  }

  #handle(method: string, pattern: string, handler: RequestHandler): () => void {
    const { methods } = this.#routes.at(pattern)
    if (methods.has(method)) throw new Error(`${method} ${pattern} is already served`)
    const entry = { handler, names: namesOf(pattern) }
    methods.set(method, entry)
    return () => {
      if (methods.get(method) === entry) methods.delete(method)
    }
  }

  #upgrade(pattern: string, handler: UpgradeHandler): () => void {
    const route = this.#routes.at(pattern)
    if (route.upgrade) throw new Error(`upgrades at ${pattern} are already served`)
    const entry = { handler, names: namesOf(pattern) }
    route.upgrade = entry
    return () => {
      if (route.upgrade === entry) route.upgrade = undefined
    }
  }

  async #start(): Promise<void> {
    const { host, port, tls } = this.#endpoint
    const server = createServer(tls, this.#options, {
      request: (request, response) => this.#answer(request, response),
      upgrade: (request, socket, head) => this.#switch(request, socket, head),
      connections: this.#connections,
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
    // An accept may fail, for want of file descriptors for instance; the server goes on listening.
    server.on('error', err => this.#logger.error({ err }, 'a connection could not be accepted'))
    this.#server = server
    const { address, port: actual, family } = server.address() as AddressInfo
    this.#url = `${tls ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
    this.#logger.info({ url: this.#url }, 'listening')
  }

  async #stop(): Promise<void> {
    this.#stopping = true
    this.#server?.close()
    await this.#connections.drain(this.#options.stopTimeoutMs)
  }

  #answer(request: HttpRequest, response: HttpResponse): void {
    const http1 = request.httpVersionMajor === 1
    if (!http1) this.#limitBody(request as Http2ServerRequest)
    if (this.#stopping) {
      problem(response, 503, STOPPING, http1 ? { Connection: 'close' } : {})
      return
    }
    const found = this.#routes.find(request.url ?? '')
    if (!found) {
      problem(response, 404, 'nothing is served here')
      return
    }
    const { route, values } = found
    const method = request.method ?? ''
    const entry = route.methods.get(method) ?? (method === 'HEAD' ? route.methods.get('GET') : undefined)
    if (!entry) {
      refuseMethod(method, route, response)
      return
    }
    try {
      entry.handler(request, response, paramsOf(entry.names, values))
    } catch (err) {
      this.#logger.error({ err, method, path: request.url }, 'a request handler threw')
      if (response.headersSent) response.destroy()
      else problem(response, 500, 'internal error')
    }
  }

  #limitBody({ stream }: Http2ServerRequest): void {
    if (stream.endAfterHeaders) return
    const deadline = this.#bodies.set(Date.now() + this.#options.requestTimeoutMs, {
      onDeadline: () => stream.close(constants.NGHTTP2_CANCEL),
    })
    stream.once('end', () => deadline.clear())
    stream.once('close', () => deadline.clear())
  }

  #switch(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#connections.release(socket as Socket)) {
      // An answer is to go out yet, and would get in the way of another protocol.
      socket.destroy()
      return
    }
    // Once for each connection: a second reading leaves listeners on its socket.
    if (!asksForWebSocket(request) && !this.#readAgain.has(socket)) {
      this.#readAgain.add(socket)
      socket.unshift(withoutOffer(request, head))
      this.#server?.emit(this.#endpoint.tls ? 'secureConnection' : 'connection', socket)
      return
    }
    // Its HTTP timeouts and error handler are gone, or have to go.
    ;(socket as Socket).setTimeout(0)
    socket.on('error', () => {})
    const found = this.#routes.find(request.url ?? '')
    const entry = asksForWebSocket(request) ? found?.route.upgrade : undefined
    if (this.#stopping) refuseUpgrade(socket, 503, STOPPING)
    else if (!found) refuseUpgrade(socket, 404, 'nothing is served here')
    else if (!entry)
      refuseUpgrade(socket, found.route.methods.size === 0 ? 503 : 400, 'no WebSocket is served here')
    else {
      try {
        entry.handler(request, socket, head, paramsOf(entry.names, found.values))
      } catch (err) {
        this.#logger.error({ err, path: request.url }, 'an upgrade handler threw')
        socket.destroy()
      }
    }
  }
}

/** Answers a request whose path is known, but not for its method. */
function refuseMethod(method: string, { methods, upgrade }: Route, response: HttpResponse): void {
  if (methods.size === 0) {
    if (upgrade) problem(response, 426, 'only WebSocket is served here', { Upgrade: 'websocket' })
    else problem(response, 503, 'the service is not running')
    return
  }
  const allowed = new Set([...methods.keys(), 'OPTIONS'])
  if (allowed.has('GET')) allowed.add('HEAD')
  const Allow = [...allowed].join(', ')
  if (method === 'OPTIONS') {
    response.writeHead(204, { Allow })
    response.end()
  } else problem(response, 405, `${method} is not served here`, { Allow })
}
