import { connect as connectHttp2 } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { Http2Connection } from './http2-connection.js'
import type { HttpClientOptions } from './options.js'
import { createPoolTransport } from './pool-transport.js'
import type { Exchange, HeaderList, Transport } from './transport.js'

const HTTPS_PORT = 443

interface Waiting {
  readonly exchange: Exchange
  readonly headers: HeaderList
}

/**
 * HTTP/2 over as many connections as the peer's limit on streams asks for; HTTP/1.1, over a pool, once a peer has
 * chosen it (ALPN). It is our own rather than undici's, which gives up all requests under way when a peer announces
 * that it closes (GOAWAY), though the peer goes on and fulfills their packets.
 */
export class AlpnTransport implements Transport {
  readonly #url: URL
  readonly #options: HttpClientOptions
  readonly #connections = new Set<Http2Connection>()
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>()
  /** A connection is being opened: one at a time. */
  #connecting = false
  /** What it is opened over. */
  #socket: TLSSocket | undefined
  #pool: Transport | undefined
  #closed: (() => void) | undefined

  constructor(url: URL, options: HttpClientOptions) {
    this.#url = url
    this.#options = options
  }

  send(exchange: Exchange, headers: HeaderList): void {
    this.#waiting.add({ exchange, headers })
    this.#flush()
  }

  async close(): Promise<void> {
    await new Promise<void>(resolve => {
      this.#closed = resolve
      this.#flush()
    })
    await this.#pool?.close()
  }

  destroy(): void {
    const stopped = withCode('ECONNABORTED', 'the client was stopped')
    for (const { exchange } of this.#waiting) exchange.failed(stopped)
    this.#waiting.clear()
    if (this.#connecting) this.#socket?.destroy(stopped)
    for (const connection of this.#connections) connection.destroy()
    this.#pool?.destroy()
    this.#flush()
  }

  /** Sends what can be sent, and sees to a connection for the rest. */
  #flush(): void {
    for (const next of this.#waiting) {
      const way = this.#pool ?? this.#roomy()
      if (!way) break
      this.#waiting.delete(next)
      way.send(next.exchange, next.headers)
    }
    if (this.#waiting.size > 0) this.#connect()
    else if (this.#closed) {
      for (const connection of this.#connections) connection.close()
      if (this.#connections.size === 0) this.#closed()
    }
  }

  #roomy(): Http2Connection | undefined {
    for (const connection of this.#connections) if (connection.hasRoom()) return connection
    return undefined
  }

  #connect(): void {
    const { connectionsMax, connectTimeoutMs, tls } = this.#options
    if (this.#connecting || this.#connections.size >= connectionsMax) return
    this.#connecting = true
    const { hostname, port } = this.#url
    const socket = connectTls({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || HTTPS_PORT),
      ALPNProtocols: ['h2', 'http/1.1'],
      ...tls,
    })
    this.#socket = socket
    socket.setTimeout(connectTimeoutMs, () =>
      socket.destroy(withCode('ETIMEDOUT', 'connecting took too long')),
    )
    const failed = (error: Error) => this.#notOpened(error)
    socket.once('error', failed)
    socket.once('secureConnect', () => {
      socket.off('error', failed)
      socket.setTimeout(0)
      if (socket.alpnProtocol === 'h2') this.#open(socket)
      else {
        socket.on('error', () => {})
        socket.destroy()
        this.#pool = createPoolTransport(this.#url, this.#options)
        this.#flush()
      }
    })
  }

  #open(socket: TLSSocket): void {
    const session = connectHttp2(this.#url, { createConnection: () => socket })
    const { pathname, search } = this.#url
    const connection = new Http2Connection(session, pathname + search, this.#options.pingIntervalMs, {
      opened: () => {
        this.#connecting = false
        this.#connections.add(connection)
        this.#flush()
      },
      room: () => this.#flush(),
      closed: () => {
        if (this.#connections.delete(connection)) this.#flush()
        else this.#notOpened(withCode('ECONNRESET', 'the connection was closed before it was open'))
      },
    })
  }

  #notOpened(error: Error): void {
    this.#connecting = false
    // As long as there are other connections, the packets wait for room there.
    if (this.#connections.size > 0) return
    const failing = [...this.#waiting]
    this.#waiting.clear()
    for (const { exchange } of failing) exchange.failed(error)
    this.#flush()
  }
}

const withCode = (code: string, message: string): Error => Object.assign(new Error(message), { code })
