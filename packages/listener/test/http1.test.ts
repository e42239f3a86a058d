import { recordingLogger } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createListener, type HttpResponse, type Listener, problem } from '../src/index.js'
import { exchange, local, portOf } from './helpers.js'

let listener: Listener

const sendText = (response: HttpResponse, text: string) => {
  response.writeHead(200, { 'Content-Type': 'text/plain' })
  response.end(text)
}

beforeEach(async () => {
  listener = local()
  await listener.start()
})
afterEach(() => listener.stop())

describe('a request', () => {
  test('gets to the handler of its method and path, with the named segments', async () => {
    listener.handle('GET', '/accounts/:username/x', (_, response, { username }) =>
      sendText(response, `get ${username}`),
    )
    listener.handle('POST', '/accounts/:name/x', (_, response, { name }) =>
      sendText(response, `post ${name}`),
    )
    const url = `${listener.url()}/accounts/b%C3%B6b/x?y=z`
    expect(await (await fetch(url)).text()).toBe('get böb')
    expect(await (await fetch(url, { method: 'POST' })).text()).toBe('post böb')
  })

  test('has its body as a stream', async () => {
    listener.handle('POST', '/', (request, response) => void request.pipe(response))
    const body = 'x'.repeat(100_000)
    expect(await (await fetch(listener.url(), { method: 'POST', body })).text()).toBe(body)
  })

  test('for a path that nobody ever registered is answered with 404', async () => {
    const response = await fetch(`${listener.url()}/nothing`)
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'nothing is served here',
    })
  })

  test.each(['HTTP/2.0', 'HTTP/0.9'])(
    'of %s, which this connection is not, is answered with 505',
    async version => {
      listener.handle('POST', '/ilp', (_, response) => sendText(response, 'ok'))
      const rest = 'Host: x\r\nContent-Length: 1\r\n\r\nx'
      const answer = await exchange(listener, `POST /ilp ${version}\r\n${rest}`)
      expect(answer).toMatch(/^HTTP\/1.1 505 [\s\S]*Connection: close/)
      expect(await (await fetch(`${listener.url()}/ilp`, { method: 'POST', body: 'x' })).text()).toBe('ok')
    },
  )

  test('for another method is answered with 405 and those that there are', async () => {
    listener.handle('POST', '/ilp', (_, response) => sendText(response, 'ok'))
    const response = await fetch(`${listener.url()}/ilp`, { method: 'DELETE' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await response.json()).toMatchObject({ status: 405, detail: 'DELETE is not served here' })
  })

  test('for a path whose service has stopped is answered with 503', async () => {
    const withdraw = listener.handle('POST', '/ilp', (_, response) => sendText(response, 'ok'))
    expect((await fetch(`${listener.url()}/ilp`, { method: 'POST' })).status).toBe(200)
    withdraw()
    withdraw()
    expect((await fetch(`${listener.url()}/ilp`, { method: 'POST' })).status).toBe(503)
  })

  test('without an upgrade is answered with 426 where only WebSocket is served', async () => {
    listener.upgrade('/btp', () => {})
    const response = await fetch(`${listener.url()}/btp`)
    expect(response.status).toBe(426)
    expect(response.headers.get('upgrade')).toBe('websocket')
  })

  test('with OPTIONS tells the methods, unless there is a handler for it', async () => {
    listener.handle('GET', '/plain', (_, response) => sendText(response, 'ok'))
    listener.handle('GET', '/own', (_, response) => sendText(response, 'ok'))
    listener.handle('OPTIONS', '/own', (_, response) => sendText(response, 'mine'))
    const plain = await fetch(`${listener.url()}/plain`, { method: 'OPTIONS' })
    expect([plain.status, plain.headers.get('allow')]).toEqual([204, 'GET, OPTIONS, HEAD'])
    expect(await (await fetch(`${listener.url()}/own`, { method: 'OPTIONS' })).text()).toBe('mine')
  })

  test('with HEAD gets what GET would, without the body', async () => {
    listener.handle('GET', '/x', (_, response) => sendText(response, 'hello'))
    const answer = await exchange(listener, 'HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: text\/plain\r\n/)
    expect(answer).not.toContain('hello')
  })

  test('whose target is no path is answered with 404', async () => {
    listener.handle('GET', '/', (_, response) => sendText(response, 'ok'))
    expect(await exchange(listener, 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 404 /,
    )
  })
})

test('requests are pipelined on one connection, and answered in their order', async () => {
  const waiting: (() => void)[] = []
  const all = new Promise<void>(resolve => {
    listener.handle('GET', '/:n', (_, response, { n }) => {
      waiting.unshift(() => sendText(response, `answer ${n}`))
      if (waiting.length === 3) resolve()
    })
  })
  const request = (n: number, last = false) =>
    `GET /${n} HTTP/1.1\r\nHost: x\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
  const answers = exchange(listener, request(1) + request(2) + request(3, true))
  await all
  for (const answer of waiting) answer()
  expect((await answers).match(/answer \d/g)).toEqual(['answer 1', 'answer 2', 'answer 3'])
})

test('a pattern is served once for a method, and again when it was taken back', () => {
  const withdraw = listener.handle('GET', '/x', () => {})
  expect(() => listener.handle('GET', '/x', () => {})).toThrow('GET /x is already served')
  listener.handle('POST', '/x', () => {})
  withdraw()
  listener.handle('GET', '/x', () => {})
  withdraw()
  expect(() => listener.handle('GET', '/x', () => {})).toThrow()
})

test('a handler that throws is logged, and its client gets nothing of it', async () => {
  const logger = recordingLogger()
  await using other = createListener({ host: '127.0.0.1', port: 0, logger })
  other.handle('GET', '/early', () => {
    throw new Error('secret')
  })
  other.handle('GET', '/late', (_, response) => {
    response.writeHead(200, { 'Content-Length': 10 })
    throw new Error('secret')
  })
  await other.start()
  const response = await fetch(`${other.url()}/early`)
  expect([response.status, await response.json()]).toEqual([
    500,
    { type: 'about:blank', title: 'Internal Server Error', status: 500, detail: 'internal error' },
  ])
  await expect(fetch(`${other.url()}/late`)).rejects.toThrow()
  expect(logger.entries.filter(({ level }) => level === 'error')).toMatchObject([
    { message: 'a request handler threw', fields: { path: '/early' } },
    { message: 'a request handler threw', fields: { path: '/late' } },
  ])
})

test('a problem may have headers of its own', async () => {
  listener.handle('GET', '/x', (_, response) =>
    problem(response, 401, 'no', { 'WWW-Authenticate': 'Bearer' }),
  )
  const response = await fetch(`${listener.url()}/x`)
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
})

describe('the life cycle', () => {
  test('tells the real port, and none before it has started', async () => {
    await using other = local()
    expect(() => other.url()).toThrow('the listener has not started')
    await other.start()
    expect(other.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  })

  test('writes IPv6 addresses as URLs do', async () => {
    await using other = createListener({ host: '::1', port: 0 })
    await other.start()
    expect(other.url()).toMatch(/^http:\/\/\[::1\]:\d+$/)
  })

  test('a port that is taken makes the start fail', async () => {
    await using other = createListener({ host: '127.0.0.1', port: portOf(listener) })
    await expect(other.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('stops without having started', async () => {
    await expect(local().stop()).resolves.toBeUndefined()
  })
})
