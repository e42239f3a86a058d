/**
 * A process that passes every request on to one URL, by `undici`, and the answer back. It has no notion of ILP, and
 * does it in the cheapest way that the two offer: `dispatch` takes a fifth less CPU time than `request`.
 */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Dispatcher, Pool } from 'undici'

const CONNECTIONS = 100

const OCTET_STREAM = 'application/octet-stream'
const headers = ['content-type', OCTET_STREAM, 'accept', OCTET_STREAM]

const joined = (body: Buffer | undefined, chunk: Buffer): Buffer =>
  body ? Buffer.concat([body, chunk]) : chunk

class Relayed implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse
  #status = 0
  #body: Buffer | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.#status = status
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body = joined(this.#body, chunk)
  }

  onResponseEnd(): void {
    const length = this.#body?.length ?? 0
    this.#response.writeHead(this.#status, { 'Content-Type': OCTET_STREAM, 'Content-Length': length })
    this.#response.end(this.#body)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    throw error
  }
}

const { origin, pathname } = new URL(process.argv[2] ?? '')
const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 })
const server = createServer((request, response) => {
  let body: Buffer | undefined
  request.on('data', (chunk: Buffer) => {
    body = joined(body, chunk)
  })
  request.on('end', () => {
    pool.dispatch({ method: 'POST', path: pathname, headers, body: body ?? null }, new Relayed(response))
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
