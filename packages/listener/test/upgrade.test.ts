import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { recordingLogger } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createListener, type Listener } from '../src/index.js'
import { dial, exchange, local, portOf, readAll } from './helpers.js'

const UPGRADE =
  'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'

/** Serves an echo at a pattern, which says hello with the named segment. */
function serveEcho(listener: Listener, pattern: string): () => void {
  const server = new WebSocketServer({ noServer: true })
  return listener.upgrade(pattern, (request, socket, head, { name }) =>
    server.handleUpgrade(request, socket, head, connection => {
      connection.send(`hello ${name}`)
      connection.on('message', data => connection.send(data))
    }),
  )
}

let listener: Listener

beforeEach(async () => {
  listener = local({ stopTimeoutMs: 200 })
  await listener.start()
})
afterEach(() => listener.stop())

const open = (path: string) => new WebSocket(`ws://127.0.0.1:${portOf(listener)}${path}`)

const nextMessage = async (client: WebSocket) => String((await once(client, 'message'))[0])

test('a request for WebSocket gets to the handler of its path, with the named segments', async () => {
  serveEcho(listener, '/:name/btp')
  const client = open('/bob/btp')
  expect(await nextMessage(client)).toBe('hello bob')
  client.send('back')
  expect(await nextMessage(client)).toBe('back')
  client.close()
})

describe('an upgrade is refused', () => {
  const statusOf = async (path: string) => {
    const answer = await exchange(listener, `GET ${path} HTTP/1.1\r\n${UPGRADE}`)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    expect(head).toMatch(/\r\nConnection: close\r\nContent-Type: application\/problem\+json/)
    const { status, detail } = JSON.parse(body)
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    return `${status}: ${detail}`
  }

  test('where nothing is served', async () =>
    expect(await statusOf('/x')).toBe('404: nothing is served here'))

  test('where only requests are served', async () => {
    listener.handle('GET', '/x', () => {})
    expect(await statusOf('/x')).toBe('400: no WebSocket is served here')
  })

  test('where the service has stopped', async () => {
    serveEcho(listener, '/x')()
    expect(await statusOf('/x')).toBe('503: no WebSocket is served here')
  })
})

test('a handler that throws is logged, and its socket closed', async () => {
  const logger = recordingLogger()
  await using other = createListener({ host: '127.0.0.1', port: 0, logger })
  other.upgrade('/x', () => {
    throw new Error('secret')
  })
  await other.start()
  expect(await exchange(other, `GET /x HTTP/1.1\r\n${UPGRADE}`)).toBe('')
  expect(logger.entries).toContainEqual({
    level: 'error',
    fields: { err: new Error('secret'), path: '/x' },
    message: 'an upgrade handler threw',
  })
})

test('a path has one handler for upgrades at a time', () => {
  const withdraw = listener.upgrade('/x', () => {})
  expect(() => listener.upgrade('/x', () => {})).toThrow('upgrades at /x are already served')
  withdraw()
  listener.upgrade('/x', () => {})
  withdraw()
  expect(() => listener.upgrade('/x', () => {})).toThrow()
})

test('an offer of another protocol is ignored, and its request answered', async () => {
  listener.handle('POST', '/ilp', (request, response) => void request.pipe(response))
  const offer =
    'POST /ilp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
    'HTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 4\r\n\r\nbody'
  const next = 'POST /ilp HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nagain'
  const answers = await exchange(listener, offer + next)
  expect(answers.match(/HTTP\/1.1 \d+|body|again/g)).toEqual([
    'HTTP/1.1 200',
    'body',
    'HTTP/1.1 200',
    'again',
  ])
})

test('a second offer on a connection is refused', async () => {
  listener.handle('GET', '/x', (_, response) => void response.end('ok'))
  const offer = 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'
  const socket = dial(listener, offer)
  const answers = readAll(socket)
  await once(socket, 'data')
  socket.write(offer)
  expect((await answers).match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400'])
})

test.each(['websocket', 'h2c'])(
  'a connection that asks for %s before its last answer is closed',
  async protocol => {
    serveEcho(listener, '/:name')
    listener.handle('GET', '/never', () => {})
    const first = 'GET /never HTTP/1.1\r\nHost: x\r\n\r\n'
    const upgrade = `GET /bob HTTP/1.1\r\n${UPGRADE.replace('websocket', protocol)}`
    expect(await exchange(listener, first + upgrade)).toBe('')
  },
)

test('a stop leaves upgraded sockets to their owner', async () => {
  serveEcho(listener, '/:name')
  const client = open('/bob')
  await nextMessage(client)
  await listener.stop()
  client.send('still there')
  expect(await nextMessage(client)).toBe('still there')
  client.terminate()
})

test('an upgraded socket that fails before its owner looks harms nobody', async () => {
  const taken = new Promise<Duplex>(resolve => listener.upgrade('/x', (_, socket) => resolve(socket)))
  const client = open('/x')
  client.on('error', () => {})
  const closed = new Promise(resolve => client.on('close', resolve))
  const socket = await taken
  socket.destroy(new Error('broken'))
  await closed
})
