import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, test, vi } from 'vitest'
import { callBack, respond, startAsyncPeer, startCalledBack } from './callbacks.js'
import { outcome, startClient, startPeer } from './helpers.js'

const inMs = (ms: number) => testPrepare({ expiresAt: new Date(Date.now() + ms) })
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('a packet', () => {
  test.each([
    ['respond-async', 'respond-async'],
    ['async', undefined],
  ] as const)('in the form %s is sent with a callback URL and a Request-Id', async (mode, prefer) => {
    const { send, callbackUrl } = await startCalledBack()
    const peer = await startPeer()
    const prepare = testPrepare({ data: Buffer.from('hello') })
    const reply = send(peer.url, mode, prepare)
    const received = await peer.next()
    expect(received.body).toEqual(prepare.toBuffer())
    expect(received.request.headers).toMatchObject({
      authorization: 'Bearer token-for-bob',
      'content-type': 'application/octet-stream',
      accept: 'application/octet-stream',
      'callback-url': callbackUrl,
      'request-id': expect.stringMatching(UUID),
    })
    const { prefer: preferred } = received.request.headers
    expect(preferred).toBe(prefer)
    respond(received, 202)
    const fulfill = testFulfill({ data: Buffer.alloc(32_767, 1) })
    expect(await callBack(received, fulfill)).toBe(200)
    expect((await reply).toBuffer()).toEqual(fulfill.toBuffer())
  })

  test('in the form sync has neither, and none of its kind', async () => {
    const { send } = await startCalledBack()
    const peer = await startPeer()
    const reply = send(peer.url, 'sync')
    const { request, answer } = await peer.next()
    for (const name of ['callback-url', 'request-id', 'prefer']) expect(request.headers[name]).toBeUndefined()
    answer(testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('may be answered before the peer says that it has it', async () => {
    const { send } = await startCalledBack()
    const peer = await startPeer()
    const reply = send(peer.url, 'async')
    const received = await peer.next()
    expect(await callBack(received, testReject({ code: 'X01' }))).toBe(200)
    expect(await outcome(reply)).toBe('X01')
    respond(received, 202)
  })

  test.each(['respond-async', 'async'] as const)(
    'may be answered in the response as well (%s)',
    async mode => {
      const { send } = await startCalledBack()
      const peer = await startPeer()
      const reply = send(peer.url, mode)
      const received = await peer.next()
      received.answer(testReject({ code: 'X02' }))
      expect(await outcome(reply)).toBe('X02')
      expect(await callBack(received, testFulfill())).toBe(400)
    },
  )

  test('that gets no callback ends with R00 at its expiry, and a while for late answers', async () => {
    const { send } = await startCalledBack({ lateAnswerMs: 20 })
    const peer = await startPeer()
    const prepare = inMs(1_500)
    const reply = send(peer.url, 'async', prepare)
    const received = await peer.next()
    respond(received, 202)
    expect(await reply).toMatchObject({ code: 'R00', triggeredBy: 'test.node' })
    expect(Date.now()).toBeGreaterThanOrEqual(prepare.expiresAtMs + 20)
    expect(await callBack(received, testFulfill())).toBe(400)
  })

  test('whose callback comes behind its expiry gets it, and the peer is told that it was late', async () => {
    const { send } = await startCalledBack()
    const peer = await startPeer()
    const prepare = inMs(1_500)
    const reply = send(peer.url, 'async', prepare)
    const received = await peer.next()
    respond(received, 202)
    await vi.waitUntil(() => Date.now() >= prepare.expiresAtMs, { timeout: 20_000 })
    expect(await callBack(received, testFulfill())).toBe(400)
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('is answered in the response where there is nobody to be called back, or not sent', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url, testPrepare(), 'bob', 'respond-async')
    const { request, answer } = await peer.next()
    const { prefer } = request.headers
    expect(prefer).toBeUndefined()
    answer(testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
    expect(await outcome(send(peer.url, testPrepare(), 'bob', 'async'))).toBe('T01')
    expect(peer.waiting()).toBe(0)
  })

  test('counts until it is answered', async () => {
    const { send } = await startCalledBack({ requestsMax: 1 })
    const peer = await startPeer()
    const reply = send(peer.url, 'async')
    const received = await peer.next()
    respond(received, 202)
    expect(await outcome(send(peer.url, 'async'))).toBe('T02')
    await callBack(received, testFulfill())
    await reply
    const next = send(peer.url, 'async')
    const again = await peer.next()
    await callBack(again, testFulfill())
    expect(await outcome(next)).toBe('fulfilled')
    respond(again, 202)
  })
})

describe('what the peer certainly does not have', () => {
  test.each([
    [503, 'T00'],
    [401, 'T01'],
    [413, 'F00'],
    [429, 'T03'],
    [409, 'T01'],
  ])('status %i makes %s at once', async (status, code) => {
    const { send } = await startCalledBack()
    const peer = await startAsyncPeer(send, testFulfill())
    const reply = send(peer.url, 'async')
    respond(await peer.next(), status)
    expect(await outcome(reply)).toBe(code)
    expect(peer.waiting()).toBe(0)
  })

  test('a peer that is not there makes T01 at once', async () => {
    const { send } = await startCalledBack()
    expect(await outcome(send('http://127.0.0.1:1/ilp', 'async'))).toBe('T01')
    expect(await outcome(send('http://127.0.0.1:1/ilp', 'respond-async'))).toBe('T01')
  })
})

describe('what the peer may have', () => {
  test('is sent again under its Request-Id to a peer that knows the form', async () => {
    const { send } = await startCalledBack({ attemptTimeoutMs: 1_000 })
    const peer = await startAsyncPeer(send, testFulfill())
    const prepare = testPrepare()
    const reply = send(peer.url, 'async', prepare)
    const lost = await peer.next()
    lost.request.socket.destroy()
    const refused = await peer.next()
    respond(refused, 502)
    const hanging = await peer.next()
    const taken = await peer.next()
    respond(taken, 202)
    for (const { request, body } of [lost, refused, hanging, taken]) {
      expect(body).toEqual(prepare.toBuffer())
      expect(request.headers['request-id']).toBe(lost.request.headers['request-id'])
    }
    expect(await callBack(taken, testFulfill())).toBe(200)
    expect(await outcome(reply)).toBe('fulfilled')
    expect(peer.waiting()).toBe(0)
  })

  test('is waited for, whatever the peer says to a repetition', async () => {
    const { send } = await startCalledBack()
    const peer = await startAsyncPeer(send, testFulfill())
    const reply = send(peer.url, 'async')
    const lost = await peer.next()
    lost.request.socket.destroy()
    respond(await peer.next(), 401)
    expect(await callBack(lost, testFulfill())).toBe(200)
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test.each(['respond-async', 'async'] as const)(
    'is waited for, and never sent again, where the peer has not shown that it knows the form (%s)',
    async mode => {
      const { send } = await startCalledBack({ attemptTimeoutMs: 20, lateAnswerMs: 20 })
      const peer = await startPeer()
      const [lost, broken, silent] = [
        send(peer.url, mode, inMs(2_000)),
        send(peer.url, mode, inMs(2_000)),
        send(peer.url, mode, inMs(2_000)),
      ]
      const first = await peer.next()
      first.request.socket.destroy()
      respond(await peer.next(), 500)
      await peer.next()
      expect(await callBack(first, testFulfill())).toBe(200)
      expect((await Promise.all([lost, broken, silent].map(outcome))).toSorted()).toEqual([
        'R00',
        'R00',
        'fulfilled',
      ])
      expect(peer.waiting()).toBe(0)
    },
  )

  test('is sent again no more when it has expired', async () => {
    const { send } = await startCalledBack({ lateAnswerMs: 20 })
    const peer = await startAsyncPeer(send, testFulfill())
    const reply = send(peer.url, 'async', inMs(1_500))
    let isOver = false
    void reply.then(() => {
      isOver = true
    })
    let attempts = 0
    while (!isOver) {
      const received = await Promise.race([peer.next(), reply])
      if ('request' in received) {
        attempts += 1
        received.request.socket.destroy()
      }
    }
    expect(await outcome(reply)).toBe('R00')
    expect(attempts).toBeGreaterThan(2)
    expect(peer.waiting()).toBe(0)
  })
})

describe('a callback', () => {
  async function waiting() {
    const client = await startCalledBack({ responseBytesMax: 1_000 })
    const peer = await startPeer()
    const reply = client.send(peer.url, 'async')
    const received = await peer.next()
    respond(received, 202)
    return { ...client, peer, received, reply }
  }

  test('counts once', async () => {
    const { received, reply } = await waiting()
    const codes = ['X01', 'X02', 'X03']
    const statuses = await Promise.all(codes.map(code => callBack(received, testReject({ code }))))
    expect(statuses.toSorted()).toEqual([200, 400, 400])
    expect(await outcome(reply)).toBe(codes[statuses.indexOf(200)])
    expect(await callBack(received, testFulfill())).toBe(400)
  })

  test('without a token, or with a wrong one, is refused', async () => {
    const { received, reply } = await waiting()
    for (const authorization of ['', 'Bearer wrong']) {
      expect(await callBack(received, testReject(), { authorization })).toBe(401)
    }
    await callBack(received, testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('from another account is as good as one for no packet', async () => {
    const { received, reply } = await waiting()
    expect(await callBack(received, testReject(), { authorization: 'Bearer from-carol' })).toBe(400)
    await callBack(received, testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('under another Request-Id, or none, is refused', async () => {
    const { received, reply } = await waiting()
    for (const requestId of [randomUUID(), '', 'x', '__proto__']) {
      expect(await callBack(received, testReject(), { 'request-id': requestId })).toBe(400)
    }
    const upper = String(received.request.headers['request-id']).toUpperCase()
    expect(await callBack(received, testFulfill(), { 'request-id': upper })).toBe(200)
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('that is no reply is refused, and the packet waits on', async () => {
    const { received, reply } = await waiting()
    for (const bytes of [new Uint8Array(), new Uint8Array(3), new Uint8Array(testPrepare().toBuffer())]) {
      expect(await callBack(received, bytes)).toBe(400)
    }
    expect(await callBack(received, new Uint8Array(1_001))).toBe(413)
    await callBack(received, testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
  })

  test('is nothing for the log', async () => {
    const { received, reply, logger } = await waiting()
    await callBack(received, new Uint8Array(3))
    await callBack(received, testFulfill(), { authorization: 'Bearer wrong' })
    await callBack(received, testFulfill())
    await reply
    expect(logger.entries).toEqual([])
  })
})

describe('a stop', () => {
  test('waits for callbacks', async () => {
    const { send, stop } = await startCalledBack()
    const peer = await startPeer()
    const reply = send(peer.url, 'async')
    const received = await peer.next()
    respond(received, 202)
    const stopped = stop()
    expect(await callBack(received, testFulfill())).toBe(200)
    expect(await outcome(reply)).toBe('fulfilled')
    await stopped
    expect(await callBack(received, testFulfill())).toBe(503)
  })

  test('waits no longer than it may', async () => {
    const { send, stop } = await startCalledBack({ stopTimeoutMs: 20 })
    const peer = await startPeer()
    const replies = [send(peer.url, 'async'), send(peer.url, 'async')]
    respond(await peer.next(), 202)
    const { request } = await peer.next()
    await stop()
    expect(await Promise.all(replies.map(outcome))).toEqual(['T01', 'T01'])
    if (!request.socket.closed) await once(request.socket, 'close')
  })
})

test('the expiry that the peer is told is bounded as in the synchronous form', async () => {
  const { send } = await startCalledBack({ answerTimeoutMs: 10_000 })
  const peer = await startPeer()
  const reply = send(peer.url, 'async', inMs(60_000))
  const received = await peer.next()
  expect(Prepare.decode(received.body).expiresAtMs).toBeLessThanOrEqual(Date.now() + 10_000)
  respond(received, 202)
  await callBack(received, testFulfill())
  expect(await outcome(reply)).toBe('fulfilled')
})
