import { randomUUID } from 'node:crypto'
import { decodeReply, isFulfill } from '@ilp/service-core'
import { testAccount, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startCallbackServer } from './callback-server.js'
import { HEADERS, post, startNode } from './helpers.js'

/** A node whose accounts have a callback URL, and who is there. */
async function start(options: Parameters<typeof startNode>[0] = {}) {
  const peer = await startCallbackServer()
  const node = await startNode({ callbackUrl: peer.url, callbacks: { retryDelayMs: 10 }, ...options })
  onTestFinished(() => node.stop())
  const ilp = `${node.url}/ilp`
  return { node, peer, ilp }
}

const fieldsFor = (url: string, requestId: string = randomUUID()) => ({
  'callback-url': url,
  'request-id': requestId,
})
const PREFER = { prefer: 'respond-async' }

describe('a packet with a callback URL and a Request-Id', () => {
  test.each([
    ['with Prefer: respond-async, as in draft 2', PREFER],
    ['without, as in draft 3', {}],
  ])('%s, is taken with 202 at once, and answered by callback', async (_, prefer) => {
    const { node, peer, ilp } = await start()
    const requestId = randomUUID()
    const prepare = testPrepare()
    const response = await post(ilp, prepare, { ...HEADERS, ...prefer, ...fieldsFor(peer.url, requestId) })
    expect([response.status, await response.text()]).toEqual([202, ''])
    const { request, fulfill } = await node.next()
    expect(request.from).toMatchObject(testAccount('alice'))
    expect(request.prepare.toBuffer()).toEqual(prepare.toBuffer())
    fulfill()
    const callback = await peer.next()
    expect(callback.path).toBe('/callbacks')
    expect(callback.headers).toMatchObject({
      'request-id': requestId,
      'content-type': 'application/octet-stream',
      authorization: 'Bearer token-for-alice',
    })
    expect(isFulfill(decodeReply(callback.body))).toBe(true)
    callback.answer(200)
  })

  test('that is rejected is taken with 202 as well, and the reject comes as it is', async () => {
    const { node, peer, ilp } = await start()
    const response = await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(peer.url) })
    expect(response.status).toBe(202)
    const reject = testReject({ code: 'X17', data: Buffer.alloc(32_767, 7) })
    ;(await node.next()).answer(reject)
    const callback = await peer.next()
    expect(callback.body).toEqual(reject.toBuffer())
    callback.answer(200)
  })

  test('whose chain throws is answered with T00, which says nothing', async () => {
    const { node, peer, ilp } = await start()
    await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(peer.url) })
    ;(await node.next()).fail(new Error('secret'))
    const callback = await peer.next()
    expect(decodeReply(callback.body)).toMatchObject({ code: 'T00', message: 'internal error' })
    callback.answer(200)
  })

  test('that the chain takes no packets for is answered with T03', async () => {
    const { peer, ilp } = await start({
      server: { readyTimeoutMs: 20 },
      ready: () => Promise.reject(new Error('store lost')),
    })
    expect((await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(peer.url) })).status).toBe(202)
    const callback = await peer.next()
    expect(decodeReply(callback.body)).toMatchObject({ code: 'T03', triggeredBy: 'test.node' })
    callback.answer(200)
  })

  test('has its answer posted until the peer has it', async () => {
    const { node, peer, ilp } = await start()
    await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(peer.url) })
    ;(await node.next()).fulfill()
    const first = await peer.next()
    first.answer(503)
    const second = await peer.next()
    second.hangUp()
    const third = await peer.next()
    expect([second.body, third.body]).toEqual([first.body, first.body])
    expect(third.headers['request-id']).toBe(first.headers['request-id'])
    third.answer(200)
  })

  test('may come without the callback URL, which is agreed', async () => {
    const { node, peer, ilp } = await start()
    const headers = { ...HEADERS, 'request-id': randomUUID() }
    expect((await post(ilp, testPrepare(), headers)).status).toBe(202)
    ;(await node.next()).fulfill()
    const callback = await peer.next()
    expect(callback.path).toBe('/callbacks')
    callback.answer(200)
  })

  test('may have its answer below the agreed callback URL', async () => {
    const { node, peer, ilp } = await start()
    const url = `${peer.url}/of/alice?x=1`
    expect((await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(url) })).status).toBe(202)
    ;(await node.next()).fulfill()
    const callback = await peer.next()
    expect(callback.path).toBe('/callbacks/of/alice?x=1')
    callback.answer(200)
  })
})

describe('a packet that comes again under its Request-Id', () => {
  test('is taken with 202 each time, and once into the chain', async () => {
    const { node, peer, ilp } = await start()
    const prepare = testPrepare()
    const requestId = randomUUID()
    const again = async () => {
      const headers = { ...HEADERS, ...fieldsFor(peer.url, requestId.toUpperCase()) }
      return (await post(ilp, prepare, headers)).status
    }
    expect(await Promise.all([again(), again(), again()])).toEqual([202, 202, 202])
    const { fulfill } = await node.next()
    expect(await again()).toBe(202)
    fulfill()
    const callback = await peer.next()
    expect(await again()).toBe(202)
    callback.answer(200)
    // Behind the acknowledgement of the callback: another packet's has come and gone since.
    await post(ilp, testPrepare({ units: 2n }), { ...HEADERS, ...fieldsFor(peer.url) })
    ;(await node.next()).fulfill()
    ;(await peer.next()).answer(200)
    expect(await again()).toBe(202)
    expect([node.waiting(), peer.waiting()]).toEqual([0, 0])
  })

  test('is another one when it comes from another account', async () => {
    const { node, peer, ilp } = await start()
    const fields = fieldsFor(peer.url)
    const prepare = testPrepare()
    await post(ilp, prepare, { ...HEADERS, ...fields })
    await post(ilp, prepare, { ...HEADERS, ...fields, authorization: 'Bearer bob-token' })
    const calls = [await node.next(), await node.next()]
    expect(calls.map(({ request }) => request.from.username)).toEqual(['alice', 'bob'])
    for (const { fulfill } of calls) fulfill()
    for (const _ of calls) (await peer.next()).answer(200)
  })

  test('is refused when it is another packet', async () => {
    const { node, peer, ilp } = await start()
    const headers = { ...HEADERS, ...fieldsFor(peer.url) }
    expect((await post(ilp, testPrepare(), headers)).status).toBe(202)
    expect((await post(ilp, testPrepare({ units: 1n }), headers)).status).toBe(409)
    ;(await node.next()).fulfill()
    ;(await peer.next()).answer(200)
    expect(node.waiting()).toBe(0)
  })
})

describe('a callback URL that is not the account’s', () => {
  const strangers = [
    'http://169.254.169.254/latest/meta-data',
    'http://127.0.0.1:1/callbacks',
    'no URL',
    'file:///etc/passwd',
  ]
  test.each(strangers)('%s is refused, and the packet not taken', async url => {
    const { node, ilp } = await start()
    expect((await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(url) })).status).toBe(403)
    expect(node.waiting()).toBe(0)
  })

  test('leaves the answer to the response, where the peer can do with it', async () => {
    const { node, peer, ilp } = await start()
    const headers = { ...HEADERS, ...PREFER, ...fieldsFor(strangers[0] as string) }
    const response = post(ilp, testPrepare(), headers)
    ;(await node.next()).fulfill()
    expect((await response).status).toBe(200)
    expect(peer.waiting()).toBe(0)
  })

  test('nor is one where the account has none', async () => {
    await using node = await startNode()
    const fields = fieldsFor('http://127.0.0.1:1/callbacks')
    expect((await post(`${node.url}/ilp`, testPrepare(), { ...HEADERS, ...fields })).status).toBe(403)
    for (const headers of [{ ...PREFER, ...fields }, { 'request-id': randomUUID() }]) {
      const response = post(`${node.url}/ilp`, testPrepare(), { ...HEADERS, ...headers })
      ;(await node.next()).fulfill()
      expect((await response).status).toBe(200)
    }
  })
})

describe('a request for a callback', () => {
  test.each([
    ['without a Request-Id', {}],
    ['with one that is no UUID', { 'request-id': '1' }],
  ])('%s is refused', async (_, fields) => {
    const { node, peer, ilp } = await start()
    const headers = { ...HEADERS, ...PREFER, 'callback-url': peer.url, ...fields }
    expect((await post(ilp, testPrepare(), headers)).status).toBe(400)
    expect(node.waiting()).toBe(0)
  })

  test('is refused for no token, for no packet, and for too much', async () => {
    const { node, peer, ilp } = await start({ server: { bodyBytesMax: 1_000 } })
    const fields = fieldsFor(peer.url)
    const status = async (headers: Record<string, string>, body = new Uint8Array(testPrepare().toBuffer())) =>
      (await post(ilp, body, { ...HEADERS, ...fields, ...headers })).status
    expect(await status({ authorization: 'Bearer wrong' })).toBe(401)
    expect(await status({ 'content-type': 'text/plain' })).toBe(415)
    expect(await status({}, new Uint8Array(3))).toBe(400)
    expect(await status({}, new Uint8Array(1_001))).toBe(413)
    expect(node.waiting()).toBe(0)
  })

  test('is refused for a packet whose expiry is too far ahead', async () => {
    const { node, peer, ilp } = await start({ server: { asyncExpiryMaxMs: 60_000 } })
    const prepare = testPrepare({ expiresAt: new Date(Date.now() + 61_000) })
    expect((await post(ilp, prepare, { ...HEADERS, ...fieldsFor(peer.url) })).status).toBe(400)
    expect(node.waiting()).toBe(0)
  })

  test('is refused while as many answers are to be delivered as may be', async () => {
    const { node, peer, ilp } = await start({ server: { callbacksMax: 1, callbacksTotalMax: 2 } })
    const status = async (token: string) => {
      const authorization = `Bearer ${token}`
      return (await post(ilp, testPrepare(), { ...HEADERS, authorization, ...fieldsFor(peer.url) })).status
    }
    expect(await status('alice-token')).toBe(202)
    expect(await status('alice-token')).toBe(429)
    expect(await status('bob-token')).toBe(202)
    for (let i = 0; i < 2; i++) (await node.next()).fulfill()
    for (let i = 0; i < 2; i++) (await peer.next()).answer(200)
    await expect.poll(() => status('alice-token')).toBe(202)
    ;(await node.next()).fulfill()
    ;(await peer.next()).answer(200)
  })
})

test('a stop waits until answers are delivered', async () => {
  const { node, peer, ilp } = await start()
  await post(ilp, testPrepare(), { ...HEADERS, ...fieldsFor(peer.url) })
  const { fulfill } = await node.next()
  let isStopped = false
  const stopped = node.stopChain().then(() => {
    isStopped = true
  })
  fulfill()
  const callback = await peer.next()
  expect(isStopped).toBe(false)
  callback.answer(200)
  await stopped
})
