/** Our client against our server, in each form of RFC 35, over networks that lose what they should not. */
import { createCallbacks } from '@ilp/http-callback'
import { httpServer } from '@ilp/http-server'
import { createListener, type Tls } from '@ilp/listener'
import { accountId, type IncomingRequest, type OutgoingRequest, sequence } from '@ilp/service-core'
import { scriptedService, type TestAccount, testAccount, testPrepare, testReject } from '@ilp/service-testing'
import { tcpProxy } from '@ilp/test-servers'
import { generate } from 'selfsigned'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type HttpClientAccount, type HttpMode, httpClient } from '../src/index.js'
import { outcome } from './helpers.js'

const MODES = ['sync', 'respond-async', 'async'] as const

/** A node that sends as alice, and one that takes packets and answers as bob; each end of the way is a proxy's. */
async function startNodes(tls?: Tls) {
  const [here, there] = [1, 2].map(() => createListener({ host: '127.0.0.1', port: 0, ...(tls && { tls }) }))
  if (!here || !there) throw new Error('two listeners')
  const ways = { there: '', back: '' }
  const ca = tls ? { tls: { ca: String(tls.cert) } } : {}
  const inner = scriptedService<IncomingRequest<TestAccount>>()
  const callbacks = createCallbacks({ token: () => 'from-bob' }, { retryDelayMs: 10, ...ca })
  const server = httpServer({
    listener: there,
    accounts: { get: () => testAccount('alice', { http: { callbackUrl: ways.back } }) },
    authenticate: ({ headers }) =>
      headers.authorization === 'Bearer from-alice' ? accountId('alice') : undefined,
    callbacks,
    address: () => 'test.there',
  })(inner)
  const client = httpClient(
    {
      credentials: { outgoingToken: () => 'from-alice' },
      address: () => 'test.here',
      callbacks: {
        listener: here,
        authenticate: ({ headers }) =>
          headers.authorization === 'Bearer from-bob' ? accountId('bob') : undefined,
        url: () => ways.back,
      },
    },
    { retryDelayMs: 10, lateAnswerMs: 50, ...ca },
  )(scriptedService<OutgoingRequest<HttpClientAccount>>())
  const nodes = sequence([here, client, callbacks, server, there])
  await nodes.start()
  const [to, from] = [await tcpProxy(`${there.url()}/ilp`), await tcpProxy(`${here.url()}/ilp/callback`)]
  ways.there = to.url
  ways.back = from.url
  onTestFinished(async () => {
    await nodes.stop()
    await Promise.all([to.stop(), from.stop()])
  })
  const send = (mode: HttpMode, prepare = testPrepare()) =>
    client.call({
      from: testAccount('somebody'),
      to: testAccount('bob', { http: { outgoingUrl: ways.there, mode } }),
      prepare,
      incomingAmount: prepare.units,
    })
  return { send, next: inner.next, waiting: inner.waiting, to, from }
}

async function selfSigned(): Promise<Tls> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  return { cert, key }
}

describe.each([
  ['HTTP/1.1', () => Promise.resolve(undefined)],
  ['HTTP/2', selfSigned],
])('over %s', (_, tls) => {
  test.each(MODES)('a hundred packets at a time get each their own answer (%s)', async mode => {
    const { send, next } = await startNodes(await tls())
    const replies = Array.from({ length: 100 }, (_, i) => send(mode, testPrepare({ units: BigInt(i) })))
    const calls = await Promise.all(replies.map(() => next()))
    for (const { request, answer } of calls.reverse()) answer(testReject({ message: request.prepare.amount }))
    expect((await Promise.all(replies)).map(reply => 'message' in reply && reply.message)).toEqual(
      replies.map((_, i) => String(i)),
    )
  })

  test.each(MODES)('a Fulfill gets through (%s)', async mode => {
    const { send, next } = await startNodes(await tls())
    const reply = send(mode)
    ;(await next()).fulfill()
    expect(await outcome(reply)).toBe('fulfilled')
  })
})

describe.each(['respond-async', 'async'] as const)('in the form %s', mode => {
  test('a lost 202 does no harm', async () => {
    const { send, next, waiting, to } = await startNodes()
    const cut = to.cutAt({ toClient: 0 })
    const reply = send(mode)
    const { fulfill } = await next()
    await cut
    fulfill()
    expect(await outcome(reply)).toBe('fulfilled')
    expect(waiting()).toBe(0)
  })

  test('lost callbacks, and lost acknowledgements of callbacks, do no harm', async () => {
    const { send, next, waiting, from } = await startNodes()
    for (const point of [{ toServer: 0 }, { toServer: 100 }]) {
      const reply = send(mode)
      const { fulfill } = await next()
      const cut = from.cutAt(point)
      fulfill()
      await cut
      expect(await outcome(reply)).toBe('fulfilled')
    }
    const reply = send(mode)
    const { fulfill } = await next()
    const cut = from.cutAt({ toClient: 0 })
    fulfill()
    await cut
    expect(await outcome(reply)).toBe('fulfilled')
    expect(waiting()).toBe(0)
  })

  test('a peer that can’t be called back ends the packet at its expiry', async () => {
    const { send, next, from } = await startNodes()
    from.refuse(true)
    const reply = send(mode, testPrepare({ expiresAt: new Date(Date.now() + 500) }))
    ;(await next()).fulfill()
    expect(await outcome(reply)).toBe('R00')
  })
})

test('in the form async, packets whose 202 was lost come again, and are taken once', async () => {
  const { send, next, waiting, to } = await startNodes()
  const first = send('async')
  ;(await next()).fulfill()
  await first
  const lost = async () => {
    const cut = to.cutAt({ toClient: 0 })
    const reply = send('async')
    const call = await next()
    await cut
    // Its repetitions have this connection, or come before it.
    const probe = send('async')
    ;(await next()).fulfill()
    await probe
    call.fulfill()
    return outcome(reply)
  }
  for (let i = 0; i < 5; i++) expect(await lost()).toBe('fulfilled')
  expect(waiting()).toBe(0)
})

test('in the form async, a packet that never reached the peer comes again', async () => {
  const { send, next, waiting, to } = await startNodes()
  const first = send('async')
  ;(await next()).fulfill()
  await first
  const cut = to.cutAt({ toServer: 10 })
  const reply = send('async')
  await cut
  ;(await next()).fulfill()
  expect(await outcome(reply)).toBe('fulfilled')
  expect(waiting()).toBe(0)
})
