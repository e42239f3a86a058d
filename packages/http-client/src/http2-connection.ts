import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Abortable, Exchange, HeaderList } from './transport.js'

const STREAM_FAILED = 'ERR_HTTP2_STREAM_FAILED'

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** The peer has said how many requests it takes: from here on they can be sent. */
  readonly opened: () => void
  /** A request has come to its end. */
  readonly room: () => void
  /** Comes last, and instead of `opened` where that fails. */
  readonly closed: () => void
}

/** Requests over one HTTP/2 connection. After a GOAWAY it takes no more, and those under way are answered. */
export class Http2Connection {
  readonly #session: ClientHttp2Session
  readonly #path: string
  readonly #events: ConnectionEvents
  readonly #pings: NodeJS.Timeout
  #pinged = false
  /** Unknown until the peer has said it. Requests above it would be refused. */
  #streamsMax = 0
  #streams = 0
  #list: HeaderList | undefined
  #headers: OutgoingHttpHeaders = {}

  constructor(session: ClientHttp2Session, path: string, pingIntervalMs: number, events: ConnectionEvents) {
    this.#session = session
    this.#path = path
    this.#events = events
    this.#pings = setInterval(() => this.#ping(), pingIntervalMs).unref()
    // Its streams report to their exchanges.
    session.on('error', () => {})
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.#streamsMax = maxConcurrentStreams ?? Number.POSITIVE_INFINITY
    })
    session.once('remoteSettings', () => events.opened())
    session.once('close', () => {
      clearInterval(this.#pings)
      events.closed()
    })
  }

  hasRoom(): boolean {
    return !this.#session.closed && !this.#session.destroyed && this.#streams < this.#streamsMax
  }

  send(exchange: Exchange, headers: HeaderList): void {
    const request = new StreamRequest(exchange)
    try {
      exchange.started(request)
      request.carry(
        this.#session.request({ ...this.#prepared(headers), 'content-length': exchange.bytes.length }),
      )
    } catch (error) {
      exchange.failed(error as Error)
      return
    }
    this.#streams += 1
    request.onClose(() => {
      this.#streams -= 1
      this.#events.room()
    })
  }

  close(): void {
    this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
  }

  #prepared(list: HeaderList): OutgoingHttpHeaders {
    if (list !== this.#list) {
      this.#list = list
      this.#headers = { ':method': 'POST', ':path': this.#path }
      for (let i = 0; i < list.length; i += 2) this.#headers[list[i] as string] = list[i + 1]
    }
    return this.#headers
  }

  /** A connection whose other end is gone without a word shows in no other way. */
  #ping(): void {
    if (this.#pinged) this.#session.destroy()
    else {
      this.#pinged = true
      this.#session.ping(() => {
        this.#pinged = false
      })
    }
  }
}

/** One stream, which reports to an exchange. */
class StreamRequest implements Abortable {
  readonly #exchange: Exchange
  #stream: ClientHttp2Stream | undefined
  #whole = false

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  carry(stream: ClientHttp2Stream): void {
    this.#stream = stream
    const exchange = this.#exchange
    stream.on('response', headers => {
      exchange.responded(Number(headers[':status']))
      this.#whole = true
    })
    stream.on('data', (chunk: Buffer) => exchange.received(chunk))
    stream.on('error', error => exchange.failed(error))
    stream.end(exchange.bytes)
  }

  onClose(closed: () => void): void {
    this.#stream?.once('close', () => {
      // A stream that is reset before its end may close without an error.
      if (this.#whole && this.#stream?.rstCode === constants.NGHTTP2_NO_ERROR) this.#exchange.ended()
      else this.#exchange.failed(Object.assign(new Error('the stream was reset'), { code: STREAM_FAILED }))
      closed()
    })
  }

  abort(): void {
    this.#stream?.close(constants.NGHTTP2_CANCEL)
  }
}
