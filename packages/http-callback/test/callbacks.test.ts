import { createListener } from '@ilp/listener'
import { testReject } from '@ilp/service-testing'
import { tcpProxy } from '@ilp/test-servers'
import { generate } from 'selfsigned'
import { describe, expect, onTestFinished, test } from 'vitest'
import { CALLBACKS_DEFAULTS, createCallbacks } from '../src/index.js'
import { callbackTo, start, startPeer } from './helpers.js'

describe('an answer', () => {
  test('is posted to its URL, with its Request-Id and the account’s token', async () => {
    const { post } = await start()
    const peer = await startPeer(200)
    const callback = callbackTo(peer.url)
    expect(await post(callback)).toBe('delivered')
    expect(peer.requests).toMatchObject([
      {
        path: '/callbacks?x=1',
        headers: {
          'request-id': callback.requestId,
          'content-type': 'application/octet-stream',
          authorization: 'Bearer token-for-alice',
        },
        body: callback.body,
      },
    ])
  })

  test('goes without a token where there is none', async () => {
    const { post, tokens } = await start()
    tokens.clear()
    const peer = await startPeer(204)
    expect(await post(callbackTo(peer.url))).toBe('delivered')
    expect(peer.requests[0]?.headers.authorization).toBeUndefined()
  })

  test('is posted again, the same, until the peer has it', async () => {
    const { post } = await start()
    const peer = await startPeer(500, 'close', 503, 302, 502, 201)
    const body = testReject({ data: Buffer.alloc(32_767, 7) }).toBuffer()
    expect(await post(callbackTo(peer.url, { body }))).toBe('delivered')
    expect(peer.requests).toHaveLength(6)
    for (const request of peer.requests) {
      expect(request.path).toBe('/callbacks?x=1')
      expect(request.body).toEqual(body)
    }
  })

  test('is posted again when the peer has not answered for a while', async () => {
    const { post } = await start({ attemptTimeoutMs: 1_000 })
    const peer = await startPeer('hang', 200)
    expect(await post(callbackTo(peer.url))).toBe('delivered')
    expect(peer.requests).toHaveLength(2)
  })

  test.each([400, 401, 404, 409, 429, 499])(
    'is not posted again when the peer refuses it with %i',
    async status => {
      const { post } = await start()
      const peer = await startPeer(503, status)
      expect(await post(callbackTo(peer.url))).toBe('refused')
      expect(peer.requests).toHaveLength(2)
    },
  )

  test('is given up when its packet has expired', async () => {
    const { post, logger } = await start({ retryDelayMaxMs: 10 })
    const peer = await startPeer(503)
    const expiresAtMs = Date.now() + 1_500
    expect(await post(callbackTo(peer.url, { expiresAtMs }))).toBe('given-up')
    expect(peer.requests.length).toBeGreaterThan(3)
    expect(logger.entries).toMatchObject([
      { level: 'warn', fields: { account: 'alice', reason: expect.stringContaining('status 503') } },
    ])
  })

  test('has several attempts before the expiry also when the peer hangs', async () => {
    const { post } = await start()
    const peer = await startPeer('hang')
    expect(await post(callbackTo(peer.url, { expiresAtMs: Date.now() + 1_500 }))).toBe('given-up')
    expect(peer.requests.length).toBeGreaterThanOrEqual(3)
  })

  test('is posted once when its packet has expired already', async () => {
    const { post } = await start()
    const peer = await startPeer(503)
    expect(await post(callbackTo(peer.url, { expiresAtMs: 0 }))).toBe('given-up')
    expect(peer.requests).toHaveLength(1)
  })

  test('whose acknowledgement is lost is posted again, and then known to the peer', async () => {
    const { post, logger } = await start()
    const peer = await startPeer(200, 400)
    await using proxy = await tcpProxy(peer.url)
    const cut = proxy.cutAt({ toClient: 0 })
    expect(await post(callbackTo(proxy.url))).toBe('refused')
    await cut
    expect(peer.requests).toHaveLength(2)
    expect(logger.entries).toEqual([])
  })

  test('to a peer that is not there is posted when it is', async () => {
    const peer = await startPeer(200)
    await using proxy = await tcpProxy(peer.url)
    proxy.refuse(true)
    let failures = 0
    const { post } = await start({}, () => {
      failures += 1
      proxy.refuse(failures < 3)
      return 0
    })
    expect(await post(callbackTo(proxy.url))).toBe('delivered')
    expect([failures, peer.requests.length]).toEqual([3, 1])
  })

  test('to a URL that is none is given up', async () => {
    const { post } = await start()
    const expiresAtMs = Date.now() + 50
    expect(await post(callbackTo('no URL', { expiresAtMs }))).toBe('given-up')
    expect(await post(callbackTo('ftp://127.0.0.1/x', { expiresAtMs }))).toBe('given-up')
  })
})

test('the pauses double up to the longest one, each a random part, half at the least', async () => {
  const { post } = await start({ retryDelayMs: 40, retryDelayMaxMs: 80 }, () => 0)
  const peer = await startPeer(503, 503, 503, 503, 200)
  await post(callbackTo(peer.url))
  const times = peer.requests.map(({ atMs }) => atMs)
  const pauses = times.slice(1).map((atMs, i) => atMs - (times[i] as number))
  ;[20, 40, 40, 40].forEach((least, i) => {
    // Timers may be a millisecond early.
    expect(pauses[i]).toBeGreaterThanOrEqual(least - 1)
  })
})

test('a flood in the response harms nobody', async () => {
  const { post } = await start({ connectionsMax: 1 })
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  onTestFinished(listener.stop)
  let requests = 0
  listener.handle('POST', '/flood', (request, response) => {
    request.resume()
    requests += 1
    response.writeHead(200)
    response.write(Buffer.alloc(200_000))
  })
  await listener.start()
  const url = `${listener.url()}/flood`
  expect(await Promise.all([post(callbackTo(url)), post(callbackTo(url))])).toEqual([
    'delivered',
    'delivered',
  ])
  expect(requests).toBe(2)
})

test('many answers share a few connections, over HTTP/2 as well', async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  const listener = createListener({ host: '127.0.0.1', port: 0, tls: { cert, key } })
  const seen = new Set<unknown>()
  const versions = new Set<number>()
  listener.handle('POST', '/callbacks', (request, response) => {
    request.resume()
    seen.add(request.headers['request-id'])
    versions.add(request.httpVersionMajor)
    response.writeHead(200)
    response.end()
  })
  await listener.start()
  const callbacks = await start({ tls: { ca: cert }, connectionsMax: 2 })
  const url = `${listener.url()}/callbacks`
  const outcomes = Array.from({ length: 200 }, (_, i) =>
    callbacks.post(callbackTo(url, { requestId: `id ${i}` })),
  )
  expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['delivered']))
  expect(seen.size).toBe(200)
  expect([...versions]).toEqual([2])
  await callbacks.stop()
  await listener.stop()
})

describe('a stop', () => {
  test('waits for answers that are on their way', async () => {
    const { post, stop } = await start()
    const peer = await startPeer(503, 503, 200)
    const outcome = post(callbackTo(peer.url))
    await stop()
    expect(await outcome).toBe('delivered')
  })

  test('waits no longer than it may', async () => {
    const { post, stop } = await start({ stopTimeoutMs: 20 })
    const peer = await startPeer('hang')
    const outcome = post(callbackTo(peer.url))
    await stop()
    expect(await outcome).toBe('given-up')
  })
})

test('the options are checked', () => {
  const numbers = Object.entries(CALLBACKS_DEFAULTS).filter(([, value]) => typeof value === 'number')
  expect(numbers).toHaveLength(7)
  for (const [name] of numbers) {
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      expect(() => createCallbacks({ token: () => undefined }, { [name]: wrong })).toThrow(
        `${name} is ${wrong}, not a whole number above 0`,
      )
    }
  }
})
