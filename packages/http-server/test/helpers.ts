import { connect, type Socket } from 'node:net'
import { bearerTokens } from '@ilp/http-auth'
import { type CallbacksOptions, createCallbacks } from '@ilp/http-callback'
import { createListener, type ListenerOptions, type Tls } from '@ilp/listener'
import { type IncomingRequest, type Prepare, sequence } from '@ilp/service-core'
import { recordingLogger, scriptedService, type TestAccount, testAccount } from '@ilp/service-testing'
import { createMemoryStore } from '@ilp/store-memory'
import { createSecrets } from '@ilp/store-traits'
import { type HttpServerOptions, httpServer } from '../src/index.js'

interface NodeOptions {
  readonly server?: Partial<HttpServerOptions>
  readonly listener?: Partial<ListenerOptions>
  readonly tls?: Tls
  readonly ready?: (signal?: AbortSignal) => Promise<void>
  /** Where alice and bob may have answers posted. */
  readonly callbackUrl?: string
  readonly callbacks?: Partial<CallbacksOptions>
}

/** A started node with alice, whose tokens are `alice-token` and `alice-second`, and bob; its chain is the test's. */
export async function startNode(options: NodeOptions = {}) {
  const { server, listener: limits, tls, ready, callbackUrl } = options
  const store = createMemoryStore<TestAccount>({ secrets: createSecrets(new Uint8Array(32)) })
  const logger = recordingLogger()
  const listener = createListener({ host: '127.0.0.1', port: 0, ...(tls && { tls }) }, limits)
  const inner = scriptedService<IncomingRequest<TestAccount>>()
  const { accounts, credentials } = store
  const tokens = bearerTokens({ credentials })
  const { authenticate } = tokens
  const callbacks = createCallbacks({ token: id => `token-for-${id}`, logger }, options.callbacks)
  const chain = httpServer(
    { listener, accounts, authenticate, callbacks, address: () => 'test.node', logger },
    server,
  )({ ...inner, ...(ready && { ready }) })
  await store.start()
  for (const username of ['alice', 'bob'])
    await accounts.put(testAccount(username, { http: { callbackUrl } }))
  await credentials.setIncomingTokens(testAccount('alice').id, 'http', ['alice-token', 'alice-second'])
  await credentials.setIncomingTokens(testAccount('bob').id, 'http', ['bob-token'])
  const parts = sequence([store, tokens, callbacks, chain, listener])
  await parts.start()
  const url = listener.url()
  return {
    ...inner,
    ...parts,
    store,
    logger,
    url,
    port: Number(new URL(url).port),
    /** Stops the chain alone, as a node does that stops it before its listener. */
    stopChain: () => chain.stop?.() ?? Promise.resolve(),
  }
}

export const HEADERS = { authorization: 'Bearer alice-token', 'content-type': 'application/octet-stream' }

/** Posts a packet, or any bytes. */
export const post = (
  url: string,
  body: Prepare | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = HEADERS,
) =>
  fetch(url, { method: 'POST', headers, body: 'toBuffer' in body ? new Uint8Array(body.toBuffer()) : body })

/** A bare connection, with something written to it. */
export function dial(port: number, ...pieces: (string | Uint8Array)[]): Socket {
  const socket = connect(port, '127.0.0.1')
  for (const piece of pieces) socket.write(piece)
  return socket
}

/** All that the other end sends until it closes. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  await new Promise<void>(resolve => {
    socket.once('error', () => resolve())
    socket.once('close', () => resolve())
  })
  return Buffer.concat(chunks).toString('latin1')
}

export const head = (fields: string, path = '/ilp'): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice-token\r\n` +
  `Content-Type: application/octet-stream\r\n${fields}\r\n\r\n`
