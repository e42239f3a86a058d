import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what is posted is what the test is about
  readonly body: any
}

/** An HTTP server that takes JSON, remembers it, and answers with these statuses, and 200 from then on. */
export class JsonReceiver {
  readonly posts: Posted[] = []

  private constructor(
    readonly url: string,
    readonly server: Server,
    readonly sockets: ReadonlySet<Socket>,
  ) {}

  static async start(statuses: number[] = []): Promise<JsonReceiver> {
    const sockets = new Set<Socket>()
    const server = createServer()
    server.on('connection', socket => {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const receiver = new JsonReceiver(`http://127.0.0.1:${port}`, server, sockets)
    server.on('request', (request, response) => {
      const take = (body: string): void => {
        receiver.posts.push({ headers: request.headers, text: body, body: JSON.parse(body) })
        response.writeHead(statuses.shift() ?? 200, { 'content-type': 'application/json' }).end('{}')
      }
      // What is called off in the middle is no post.
      void text(request).then(take, () => {})
    })
    onTestFinished(() => receiver.close())
    return receiver
  }

  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}
