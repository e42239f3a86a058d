import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { OutgoingRequest, Prepare, Reply } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'
import { type HttpClientAccount, type HttpClientOptions, type HttpMode, httpClient } from '../src/index.js'

/** A started client with these options. It is stopped when the test ends. */
export async function startClient(options: Partial<HttpClientOptions> = {}) {
  const logger = recordingLogger()
  const inner = scriptedService<OutgoingRequest<HttpClientAccount>>()
  const tokens = new Map<string, string>([['bob', 'token-for-bob']])
  const service = httpClient(
    { credentials: { outgoingToken: id => tokens.get(id) }, address: () => 'test.node', logger },
    options,
  )
  const client = service(inner)
  await client.start?.()
  const stop = () => client.stop?.() ?? Promise.resolve()
  onTestFinished(stop)
  /** Sends a packet to the account of this name, whose peer takes packets at `url`. */
  const send = (
    url: string | undefined,
    prepare: Prepare = testPrepare(),
    username = 'bob',
    mode?: HttpMode,
  ): Promise<Reply> =>
    client.call({
      from: testAccount('alice'),
      to: testAccount(username, { http: url === undefined ? {} : { outgoingUrl: url, mode } }),
      prepare,
      incomingAmount: prepare.units,
    })
  return { inner, logger, tokens, send, stop, stats: service.stats }
}

/** A reject's code, or `fulfilled`. */
export const outcome = async (reply: Promise<Reply>): Promise<string> => {
  const settled = await reply
  return 'code' in settled ? settled.code : 'fulfilled'
}

/** Listens on a free port; closed, with all its connections, when the test ends. */
export async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface Received {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly response: ServerResponse
  readonly answer: (reply: Reply) => void
}

/** A peer over HTTP/1.1 whose answers are the test's. */
export async function startPeer() {
  const received: Received[] = []
  const takers: ((call: Received) => void)[] = []
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const call = {
        request,
        response,
        body: Buffer.concat(chunks),
        answer: (reply: Reply) => void response.end(reply.toBuffer()),
      }
      const taker = takers.shift()
      if (taker) taker(call)
      else received.push(call)
    })
  })
  const host = await listen(server)
  return {
    server,
    url: `http://${host}/accounts/us/ilp?x=1`,
    /** The next request, as soon as it has arrived. */
    next: (): Promise<Received> => {
      const call = received.shift()
      return call ? Promise.resolve(call) : new Promise(resolve => takers.push(resolve))
    },
    /** Requests that `next` has not taken. */
    waiting: () => received.length,
  }
}
