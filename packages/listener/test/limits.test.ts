import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Listener, ListenerOptions } from '../src/index.js'
import { dial, exchange, local, portOf, readAll } from './helpers.js'

/** A started listener that answers POST / with the body's length, as soon as it is there. */
async function counting(options: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = local(options)
  listener.handle('POST', '/', (request, response) => {
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    request.on('end', () => {
      response.writeHead(200)
      response.end(`${length} octets`)
    })
  })
  await listener.start()
  return listener
}

const HEAD = 'POST / HTTP/1.1\r\nHost: x\r\n'

describe('what takes too long', () => {
  test('a head is given up', async () => {
    await using listener = await counting({ headersTimeoutMs: 50, requestTimeoutMs: 100 })
    expect(await exchange(listener, 'POST / HT')).toMatch(/^HTTP\/1.1 408 /)
  })

  test('a body is given up, even one that trickles', async () => {
    await using listener = await counting({ headersTimeoutMs: 50, requestTimeoutMs: 100 })
    const socket = dial(listener, `${HEAD}Content-Length: 1000\r\n\r\n`)
    const trickle = setInterval(() => socket.write('x'), 20)
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408 /)
    clearInterval(trickle)
  })

  test('a connection that never says a word is closed', async () => {
    await using listener = await counting({ headersTimeoutMs: 50, requestTimeoutMs: 100 })
    await readAll(connect(portOf(listener), '127.0.0.1'))
  })

  test('a connection that is idle between requests is closed', async () => {
    await using listener = await counting({ idleTimeoutMs: 100 })
    expect(await exchange(listener, `${HEAD}Content-Length: 1\r\n\r\nx`)).toMatch(
      /^HTTP\/1.1 200 [\s\S]*1 octets/,
    )
  })

  test('an answer has all the time it needs', async () => {
    await using listener = local({ headersTimeoutMs: 300, requestTimeoutMs: 500 })
    listener.handle('POST', '/', (_, response) => {
      setTimeout(() => response.end('late'), 1_200)
    })
    await listener.start()
    expect(await (await fetch(listener.url(), { method: 'POST' })).text()).toBe('late')
  })
})

describe('what is too much', () => {
  test('a head of more than the maximum is refused', async () => {
    await using listener = await counting({ headersBytesMax: 1_000 })
    const head = (length: number) =>
      `${HEAD}X: ${'x'.repeat(length)}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
    expect(await exchange(listener, head(500))).toMatch(/^HTTP\/1.1 200 /)
    expect(await exchange(listener, head(2_000))).toMatch(/^HTTP\/1.1 431 /)
  })

  test('connections above the maximum are closed, and come through when there is room', async () => {
    await using listener = await counting({ connectionsMax: 2 })
    const sockets = [dial(listener, HEAD), dial(listener, HEAD)]
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    expect(await exchange(listener, `${HEAD}Content-Length: 0\r\nConnection: close\r\n\r\n`)).toBe('')
    for (const socket of sockets) {
      socket.end('Content-Length: 0\r\nConnection: close\r\n\r\n')
      expect(await readAll(socket)).toMatch(/^HTTP\/1.1 200 /)
    }
    expect(await exchange(listener, `${HEAD}Content-Length: 0\r\nConnection: close\r\n\r\n`)).toMatch(
      /200 OK/,
    )
  })
})

describe('what is no HTTP', () => {
  test.each([
    ['garbage', '\x00\x01\x02\x03 garbage\r\n\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['two lengths', `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
    ['a length beside chunks', `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a negative length', `${HEAD}Content-Length: -1\r\n\r\n`],
    ['no Host', 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
  ])('%s is answered with 400', async (_, text) => {
    await using listener = await counting()
    expect(await exchange(listener, text)).toMatch(/^HTTP\/1.1 400 /)
  })

  test('a connection that breaks off harms nobody', async () => {
    await using listener = await counting()
    for (const text of ['', 'POST', HEAD, `${HEAD}Content-Length: 10\r\n\r\nxx`]) {
      const socket = dial(listener, text)
      await once(socket, 'connect')
      socket.resetAndDestroy()
      await once(socket, 'close')
    }
    expect(await (await fetch(listener.url(), { method: 'POST', body: 'x' })).text()).toBe('1 octets')
  })
})

describe('Expect: 100-continue', () => {
  test('asks for the body when it is wanted', async () => {
    await using listener = await counting()
    const socket = dial(
      listener,
      `${HEAD}Expect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n`,
    )
    const [first] = (await once(socket, 'data')) as [Buffer]
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write('abc')
    expect(await readAll(socket)).toMatch(/200 OK[\s\S]*3 octets/)
  })

  test('is answered at once when the head is enough', async () => {
    await using listener = await counting()
    const text =
      'POST /other HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n'
    expect(await exchange(listener, text)).toMatch(/^HTTP\/1.1 404 /)
  })
})
