import { type Dispatcher, Pool } from 'undici'
import type { HttpClientOptions } from './options.js'
import type { Exchange, Transport } from './transport.js'

/** HTTP/1.1 over a pool of connections. */
export function createPoolTransport(url: URL, options: HttpClientOptions): Transport {
  const { connectionsMax, pipelining, connectTimeoutMs, idleTimeoutMs, tls } = options
  const pool = new Pool(url.origin, {
    connections: connectionsMax,
    pipelining,
    connect: { ...tls, timeout: connectTimeoutMs },
    keepAliveTimeout: idleTimeoutMs,
    keepAliveMaxTimeout: idleTimeoutMs,
    // Packets have deadlines of their own.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  })
  const path = url.pathname + url.search
  return {
    send: (exchange, headers) => {
      pool.dispatch(
        {
          method: 'POST',
          path,
          headers: headers as string[],
          body: exchange.bytes,
          // What undici asks before it sends a request behind another. When the connection fails, it sends those
          // behind the first again: exchanges see to it that this doesn't happen to a Prepare.
          idempotent: pipelining > 1,
          blocking: pipelining === 1,
        },
        new Handler(exchange),
      )
    },
    close: () => pool.close(),
    destroy: () => void pool.destroy(),
  }
}

/** Hands undici's events to an exchange. */
class Handler implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#exchange.started(controller)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#exchange.responded(status)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#exchange.received(chunk)
  }

  onResponseEnd(): void {
    this.#exchange.ended()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#exchange.failed(error)
  }
}
