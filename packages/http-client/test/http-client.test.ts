import { once } from 'node:events'
import { Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, test, vi } from 'vitest'
import { HTTP_CLIENT_DEFAULTS, httpClient } from '../src/index.js'
import { outcome, startClient, startPeer } from './helpers.js'

const inMs = (ms: number) => testPrepare({ expiresAt: new Date(Date.now() + ms) })

describe('a packet', () => {
  test('is posted to its account’s URL with the token, and answered with what the peer answers', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const prepare = testPrepare({ data: Buffer.from('hello') }).with({ units: 7n })
    const reply = send(peer.url, prepare)
    const { request, body, answer } = await peer.next()
    expect([request.method, request.url]).toEqual(['POST', '/accounts/us/ilp?x=1'])
    expect(request.headers).toMatchObject({
      authorization: 'Bearer token-for-bob',
      'content-type': 'application/octet-stream',
      accept: 'application/octet-stream',
      'content-length': String(prepare.byteLength),
    })
    expect(Prepare.decode(body)).toMatchObject({ units: 7n, destination: prepare.destination })
    const fulfill = testFulfill({ data: Buffer.alloc(32_767, 1) })
    answer(fulfill)
    expect((await reply).toBuffer()).toEqual(fulfill.toBuffer())
  })

  test('that the peer rejects gets the reject as it is', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    const reject = testReject({
      code: 'X17',
      message: 'odd',
      triggeredBy: 'g.far.away',
      data: Buffer.from('data'),
    })
    ;(await peer.next()).answer(reject)
    expect((await reply).toBuffer()).toEqual(reject.toBuffer())
  })

  test('for an account without a URL goes on to the next service', async () => {
    const { send, inner } = await startClient()
    const reply = send(undefined)
    const call = await inner.next()
    call.reject('T99')
    expect(await outcome(reply)).toBe('T99')
  })

  test('goes without a token where there is none, and with the one that there is now', async () => {
    const { send, tokens } = await startClient()
    const peer = await startPeer()
    for (const token of ['first', undefined, 'second']) {
      if (token === undefined) tokens.delete('bob')
      else tokens.set('bob', token)
      const reply = send(peer.url)
      const { request, answer } = await peer.next()
      expect(request.headers.authorization).toBe(token && `Bearer ${token}`)
      answer(testFulfill())
      await reply
    }
  })

  test('goes where its account says now, over other connections', async () => {
    const { send } = await startClient()
    const [one, two] = [await startPeer(), await startPeer()]
    const first = send(one.url)
    const held = await one.next()
    const closed = once(held.request.socket, 'close')
    const second = send(two.url)
    ;(await two.next()).answer(testReject({ code: 'T22' }))
    expect(await outcome(second)).toBe('T22')
    held.answer(testReject({ code: 'T11' }))
    expect(await outcome(first)).toBe('T11')
    await closed
  })

  test('may be answered in pieces, and with octets behind the packet', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const fulfill = testFulfill({ data: Buffer.alloc(3_000, 5) })
    const reply = send(peer.url)
    const { response } = await peer.next()
    const bytes = Buffer.concat([fulfill.toBuffer(), Buffer.from('more')])
    for (let at = 0; at < bytes.length; at += 500) {
      response.write(bytes.subarray(at, at + 500))
      await new Promise(resolve => setImmediate(resolve))
    }
    response.end()
    expect((await reply).toBuffer()).toEqual(fulfill.toBuffer())
  })
})

describe('the deadline', () => {
  test('is a while behind the packet’s expiry, for late answers', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const prepare = inMs(1_000)
    const late = send(peer.url, prepare)
    const { answer } = await peer.next()
    await vi.waitUntil(() => Date.now() > prepare.expiresAtMs, { timeout: 20_000 })
    answer(testFulfill())
    expect(await outcome(late)).toBe('fulfilled')
  })

  test('makes the packet rejected, and its connection closed', async () => {
    const { send } = await startClient({ lateAnswerMs: 100 })
    const peer = await startPeer()
    const prepare = inMs(1_000)
    const reply = send(peer.url, prepare)
    const { request } = await peer.next()
    const closed = once(request.socket, 'close')
    expect(await reply).toMatchObject({ code: 'R00', triggeredBy: 'test.node' })
    expect(Date.now()).toBeGreaterThanOrEqual(prepare.expiresAtMs + 100)
    await closed
  })

  test('keeps a packet that has expired from being sent', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    expect(await outcome(send(peer.url, inMs(0)))).toBe('R00')
    expect(peer.waiting()).toBe(0)
  })

  test('keeps one from being sent that expires while it waits for a connection', async () => {
    const { send } = await startClient({ connectionsMax: 1, lateAnswerMs: 50 })
    const peer = await startPeer()
    const first = send(peer.url)
    const { answer } = await peer.next()
    const expired = send(peer.url, inMs(20))
    expect(await outcome(expired)).toBe('R00')
    const third = send(peer.url, testPrepare({ units: 3n }))
    answer(testFulfill())
    expect(await outcome(first)).toBe('fulfilled')
    const next = await peer.next()
    expect(Prepare.decode(next.body).units).toBe(3n)
    next.answer(testFulfill())
    expect(await outcome(third)).toBe('fulfilled')
  })

  test('is no later than `answerTimeoutMs`, which the peer is told', async () => {
    const { send } = await startClient({ answerTimeoutMs: 10_000 })
    const peer = await startPeer()
    const before = Date.now()
    for (const [prepare, expiresInMs] of [
      [inMs(9_000), 9_000],
      [testPrepare({ expiresAt: new Date('9999-12-31T23:59:59.999Z') }), 10_000],
    ] as const) {
      const reply = send(peer.url, prepare)
      const { body, answer } = await peer.next()
      const told = Prepare.decode(body).expiresAtMs
      expect(told).toBeGreaterThanOrEqual(before + expiresInMs)
      expect(told).toBeLessThanOrEqual(Date.now() + expiresInMs)
      answer(testFulfill())
      await reply
    }
  })
})

describe('many packets', () => {
  test('share a few connections, and get each their own answer', async () => {
    const { send } = await startClient({ connectionsMax: 7 })
    const peer = await startPeer()
    const sockets = new Set<unknown>()
    peer.server.on('connection', socket => sockets.add(socket))
    const replies = Array.from({ length: 100 }, (_, i) => send(peer.url, testPrepare({ units: BigInt(i) })))
    for (const _ of replies) {
      const { body, answer } = await peer.next()
      answer(testReject({ message: Prepare.decode(body).amount }))
    }
    expect((await Promise.all(replies)).map(reply => 'message' in reply && reply.message)).toEqual(
      replies.map((_, i) => String(i)),
    )
    expect(sockets.size).toBe(7)
  })

  test('above the maximum are answered with T02 at once, those of other peers are not', async () => {
    const { send } = await startClient({ connectionsMax: 1, requestsMax: 3 })
    const [busy, other] = [await startPeer(), await startPeer()]
    const replies = [send(busy.url), send(busy.url), send(busy.url)]
    expect(await outcome(send(busy.url))).toBe('T02')
    const elsewhere = send(other.url, testPrepare(), 'carol')
    ;(await other.next()).answer(testFulfill())
    expect(await outcome(elsewhere)).toBe('fulfilled')
    for (const reply of replies) {
      ;(await busy.next()).answer(testFulfill())
      expect(await outcome(reply)).toBe('fulfilled')
    }
    const again = send(busy.url)
    ;(await busy.next()).answer(testFulfill())
    expect(await outcome(again)).toBe('fulfilled')
  })

  test('that expired in a queue count until they leave it', async () => {
    const { send } = await startClient({ connectionsMax: 1, requestsMax: 3, lateAnswerMs: 10 })
    const peer = await startPeer()
    const held = send(peer.url)
    const { answer } = await peer.next()
    expect(await Promise.all([send(peer.url, inMs(20)), send(peer.url, inMs(20))].map(outcome))).toEqual([
      'R00',
      'R00',
    ])
    expect(await outcome(send(peer.url))).toBe('T02')
    answer(testFulfill())
    await held
    const next = peer.next()
    await vi.waitFor(
      async () => {
        const call = await Promise.race([next, send(peer.url)])
        expect(call).not.toMatchObject({ code: 'T02' })
      },
      { timeout: 20_000 },
    )
    ;(await next).answer(testFulfill())
    expect(peer.waiting()).toBe(0)
  })

  test('are pipelined where that is wanted', async () => {
    const { send } = await startClient({ connectionsMax: 1, pipelining: 3 })
    const peer = await startPeer()
    const first = send(peer.url, testPrepare({ units: 0n }))
    ;(await peer.next()).answer(testFulfill())
    await first
    const replies = [1n, 2n, 3n].map(units => send(peer.url, testPrepare({ units })))
    const calls = [await peer.next(), await peer.next(), await peer.next()]
    for (const { body, answer } of calls.reverse())
      answer(testReject({ message: Prepare.decode(body).amount }))
    expect((await Promise.all(replies)).map(reply => 'message' in reply && reply.message)).toEqual([
      '1',
      '2',
      '3',
    ])
  })
})

describe('the life cycle', () => {
  test('a stop waits for what is under way, and takes nothing more', async () => {
    const { send, stop } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    const { request, answer } = await peer.next()
    const stopped = stop()
    await new Promise(resolve => setImmediate(resolve))
    expect(await outcome(send(peer.url))).toBe('T01')
    answer(testFulfill())
    expect(await outcome(reply)).toBe('fulfilled')
    await stopped
    if (!request.socket.closed) await once(request.socket, 'close')
  })

  test('a stop gives up what the peer does not answer in its time', async () => {
    const { send, stop } = await startClient({ stopTimeoutMs: 20 })
    const peer = await startPeer()
    const reply = send(peer.url)
    const { request } = await peer.next()
    await stop()
    expect(await outcome(reply)).toBe('T01')
    if (!request.socket.closed) await once(request.socket, 'close')
  })

  test('connections that nobody uses are closed', async () => {
    const { send } = await startClient({ idleTimeoutMs: 50 })
    const peer = await startPeer()
    const reply = send(peer.url)
    const { request, answer } = await peer.next()
    answer(testFulfill())
    await reply
    await once(request.socket, 'close')
    const again = send(peer.url)
    ;(await peer.next()).answer(testFulfill())
    expect(await outcome(again)).toBe('fulfilled')
  })
})

test('the options are checked', () => {
  const deps = { credentials: { outgoingToken: () => undefined }, address: () => 'test.node' }
  const numbers = Object.entries(HTTP_CLIENT_DEFAULTS).filter(([, value]) => typeof value === 'number')
  expect(numbers).toHaveLength(13)
  for (const [name] of numbers) {
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect(() => httpClient(deps, { [name]: wrong })).toThrow(
        `${name} is ${wrong}, not a whole number above 0`,
      )
    }
  }
})
