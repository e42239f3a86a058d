import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createSpspClient, type SpspClientDeps, type SpspClientOptions } from '../src/index.js'

export const SECRET = Buffer.alloc(32, 0xfb)

/** For endpoints on this machine. */
export const LOCAL = { allowHttp: true, allowPrivateAddresses: true } as const

export interface Endpoint {
  readonly origin: string
  readonly port: number
  /** The requests that have come. */
  readonly requests: readonly IncomingMessage[]
}

/** A server that answers as it is told, over TLS with a certificate; gone at the end of the test. */
export async function endpoint(
  answer: RequestListener,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Endpoint> {
  const requests: IncomingMessage[] = []
  const listener: RequestListener = (request, response) => {
    requests.push(request)
    answer(request, response)
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, port, requests }
}

/** Answers as SPSP wants it. */
export function answerSpsp(response: ServerResponse, fields: object = {}): void {
  response.writeHead(200, { 'content-type': 'application/spsp4+json', 'cache-control': 'max-age=60' })
  response.end(
    JSON.stringify({
      destination_account: 'test.alice',
      shared_secret: SECRET.toString('base64'),
      ...fields,
    }),
  )
}

export const redirect = (response: ServerResponse, location: string, status = 302): void => {
  response.writeHead(status, { location })
  response.end('over there')
}

/** A client that is stopped at the end of the test. */
export function client(options: Partial<SpspClientOptions> = LOCAL, deps: SpspClientDeps = {}) {
  const created = createSpspClient(deps, options)
  onTestFinished(() => created.stop())
  return created
}
