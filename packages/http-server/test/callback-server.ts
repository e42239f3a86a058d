import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A request to a callback URL, which the test answers. */
export interface ReceivedCallback {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly answer: (status: number) => void
  /** Closes its connection without a word. */
  readonly hangUp: () => void
}

/** Takes callbacks for a peer; its answers are the test's. */
export async function startCallbackServer() {
  const received: ReceivedCallback[] = []
  const takers: ((callback: ReceivedCallback) => void)[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const callback = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks),
        answer: (status: number) => void response.writeHead(status).end(),
        hangUp: () => request.socket.destroy(),
      }
      const taker = takers.shift()
      if (taker) taker(callback)
      else received.push(callback)
    })
  })
  server.on('connection', socket => void sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks`
  return {
    url,
    next: (): Promise<ReceivedCallback> => {
      const callback = received.shift()
      return callback ? Promise.resolve(callback) : new Promise(resolve => takers.push(resolve))
    },
    /** Callbacks that `next` has not taken. */
    waiting: () => received.length,
  }
}
