import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import type { AccountId } from '@ilp/service-core'

/** A request as `node:http` and the compatibility API of `node:http2` both give it: its body is the stream. */
export interface HttpRequest extends Readable {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: IncomingHttpHeaders
  /** 1 or 2. */
  readonly httpVersionMajor: number
  /** The connection that it came on, with TLS a `TLSSocket`: one object for all requests of a connection. */
  readonly socket: object
}

/** Its answer, over HTTP/1.1 or HTTP/2. */
export interface HttpResponse extends Writable {
  readonly headersSent: boolean
  readonly setHeader: (name: string, value: string) => unknown
  readonly writeHead: (status: number, headers?: OutgoingHttpHeaders) => unknown
  readonly writeContinue: () => unknown
}

/** What a path's named segments (`:username`) are, percent-decoded. */
export type Params = Readonly<Record<string, string>>

/** Answers a request, now or later. */
export type RequestHandler = (request: HttpRequest, response: HttpResponse, params: Params) => void

/**
 * Says whose request it is, by its head and its connection; undefined for nobody's. A promise where that takes a while:
 * it never rejects.
 */
export type Authenticate = (request: HttpRequest) => AccountId | undefined | Promise<AccountId | undefined>

/** Takes over the socket of a request that asks for WebSocket, and closes it in the end. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer, params: Params) => void
