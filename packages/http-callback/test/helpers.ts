import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { accountId } from '@ilp/service-core'
import { recordingLogger, testFulfill } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'
import { type Callback, type CallbacksOptions, createCallbacks } from '../src/index.js'

/** What a peer does with one request: answers with a status, closes the connection, or never answers. */
type Act = number | 'close' | 'hang'

/** A peer that does one thing after the other with the requests that come, and the last one again and again. */
export async function startPeer(...acts: readonly Act[]) {
  const requests: { path: string; headers: IncomingHttpHeaders; body: Buffer; atMs: number }[] = []
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const act = acts[Math.min(requests.length, acts.length - 1)] ?? 200
      const { url: path = '', headers } = request
      requests.push({ path, headers, body: Buffer.concat(chunks), atMs: performance.now() })
      if (act === 'close') request.socket.destroy()
      else if (act !== 'hang') response.writeHead(act, act === 302 ? { Location: '/elsewhere' } : {}).end('x')
    })
  })
  server.on('connection', socket => void sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks?x=1` }
}

export const callbackTo = (url: string, fields: Partial<Callback> = {}): Callback => ({
  account: accountId('alice'),
  url,
  requestId: '42ee09c8-a6de-4ae3-8a47-4732b0cbb07b',
  body: testFulfill().toBuffer(),
  expiresAtMs: Date.now() + 30_000,
  ...fields,
})

/** Started callbacks, which pause 10 ms at most between attempts. They are stopped when the test ends. */
export async function start(options: Partial<CallbacksOptions> = {}, random?: () => number) {
  const logger = recordingLogger()
  const tokens = new Map<string, string>([['alice', 'token-for-alice']])
  const callbacks = createCallbacks(
    { token: id => tokens.get(id), logger, ...(random && { random }) },
    { retryDelayMs: 10, ...options },
  )
  await callbacks.start()
  onTestFinished(callbacks.stop)
  return { ...callbacks, logger, tokens }
}
