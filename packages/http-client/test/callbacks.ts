import { createListener } from '@ilp/listener'
import { accountId, type OutgoingRequest, type Prepare, type Reply } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testPrepare } from '@ilp/service-testing'
import { onTestFinished } from 'vitest'
import { type HttpClientAccount, type HttpClientOptions, type HttpMode, httpClient } from '../src/index.js'
import { type Received, startPeer } from './helpers.js'

const ACCOUNTS = new Map([
  ['Bearer from-bob', accountId('bob')],
  ['Bearer from-carol', accountId('carol')],
])

/** A started client that is called back on a listener of its own. */
export async function startCalledBack(options: Partial<HttpClientOptions> = {}) {
  const logger = recordingLogger()
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const authenticate = ({ headers: { authorization = '' } }) => ACCOUNTS.get(authorization)
  const client = httpClient(
    {
      credentials: { outgoingToken: id => `token-for-${id}` },
      address: () => 'test.node',
      callbacks: { listener, authenticate, url: () => `${listener.url()}/ilp/callback` },
      random: () => 0,
      logger,
    },
    { retryDelayMs: 10, ...options },
  )(scriptedService<OutgoingRequest<HttpClientAccount>>())
  await client.start?.()
  await listener.start()
  const stop = () => client.stop?.() ?? Promise.resolve()
  onTestFinished(async () => {
    await stop()
    await listener.stop()
  })
  const send = (url: string, mode: HttpMode, prepare: Prepare = testPrepare()): Promise<Reply> =>
    client.call({
      from: testAccount('alice'),
      to: testAccount('bob', { http: { outgoingUrl: url, mode } }),
      prepare,
      incomingAmount: prepare.units,
    })
  return { send, stop, logger, listener, callbackUrl: `${listener.url()}/ilp/callback` }
}

/** Posts an answer as a peer does; returns the status. */
export async function callBack(
  { request: { headers } }: Pick<Received, 'request'>,
  body: Reply | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
): Promise<number> {
  const response = await fetch(String(headers['callback-url']), {
    method: 'POST',
    headers: {
      authorization: 'Bearer from-bob',
      'content-type': 'application/octet-stream',
      'request-id': String(headers['request-id']),
      ...fields,
    },
    body: 'type' in body ? new Uint8Array(body.toBuffer()) : body,
  })
  await response.arrayBuffer()
  return response.status
}

/** Answers a request with a status, and no body. */
export const respond = ({ response }: Received, status: number): void => void response.writeHead(status).end()

/** A peer that has shown that it takes packets in the asynchronous form. */
export async function startAsyncPeer(send: (url: string, mode: HttpMode) => Promise<Reply>, reply: Reply) {
  const peer = await startPeer()
  const first = send(peer.url, 'async')
  const received = await peer.next()
  respond(received, 202)
  await callBack(received, reply)
  await first
  return peer
}
