import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { decodeReply, MESSAGE_LENGTH_MAX, PACKET_LENGTH_MAX } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { describe, expect, test, vi } from 'vitest'
import { HTTP_CLIENT_DEFAULTS } from '../src/index.js'
import { listen, outcome, startClient, startPeer } from './helpers.js'

const fulfill = testFulfill().toBuffer()

/** A peer that does as it likes with each connection as soon as a whole request has come over it. */
async function startRude(act: (socket: Socket, nth: number) => void) {
  let requests = 0
  const server = createServer(socket => {
    let read = ''
    socket.on('data', chunk => {
      read += chunk.toString('latin1')
      for (;;) {
        const body = read.indexOf('\r\n\r\n') + 4
        const length = Number(/content-length: (\d+)/i.exec(read)?.[1] ?? 0)
        if (body < 4 || read.length < body + length) return
        read = read.slice(body + length)
        act(socket, requests++)
      }
    })
  })
  const host = await listen(server)
  return { url: `http://${host}/ilp`, requests: () => requests }
}

const respond = (head: string, body: Buffer | string = '') =>
  Buffer.concat([Buffer.from(`HTTP/1.1 ${head}\r\n\r\n`), Buffer.from(body)])

describe('a status', () => {
  test.each([
    [201, 'T00'],
    [202, 'T00'],
    [204, 'T00'],
    [301, 'T01'],
    [307, 'T01'],
    [400, 'T01'],
    [401, 'T01'],
    [403, 'T01'],
    [404, 'T01'],
    [405, 'T01'],
    [413, 'F00'],
    [415, 'T01'],
    [418, 'T01'],
    [426, 'T01'],
    [429, 'T03'],
    [500, 'T00'],
    [502, 'T00'],
    [503, 'T00'],
    [504, 'T00'],
    [599, 'T00'],
  ])('%i becomes %s, whatever its body', async (status, code) => {
    const { send, logger } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    const { response } = await peer.next()
    response.writeHead(status, { Location: `${peer.url}/elsewhere` })
    response.end(status === 204 ? undefined : fulfill)
    expect(await reply).toMatchObject({ code, triggeredBy: 'test.node' })
    expect(peer.waiting()).toBe(0)
    expect(logger.entries.map(({ level }) => level)).toEqual(code === 'T01' ? ['warn'] : [])
  })
})

describe('a body', () => {
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('<html>secret</html>')],
    ['a Prepare', testPrepare().toBuffer()],
    ['a truncated Fulfill', fulfill.subarray(0, -1)],
    ['a truncated Reject', testReject().toBuffer().subarray(0, 10)],
  ])('that is %s becomes T00', async (_, body) => {
    const { send } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    ;(await peer.next()).response.end(body)
    expect(await reply).toMatchObject({ code: 'T00', message: expect.not.stringContaining('secret') })
  })

  test('of more than the limit is cut off, and becomes T00', async () => {
    expect(HTTP_CLIENT_DEFAULTS.responseBytesMax).toBeGreaterThan(PACKET_LENGTH_MAX)
    const { send } = await startClient({ responseBytesMax: 1_000 })
    const peer = await startPeer()
    for (const status of [200, 500]) {
      const reply = send(peer.url)
      const { request, response } = await peer.next()
      const closed = once(request.socket, 'close')
      response.writeHead(status)
      const flood = setInterval(() => response.write(Buffer.alloc(300, fulfill)), 1)
      expect(await reply).toMatchObject({ code: 'T00' })
      await closed
      clearInterval(flood)
    }
    const exact = send(peer.url)
    ;(await peer.next()).response.end(Buffer.concat([fulfill, Buffer.alloc(1_000 - fulfill.length)]))
    expect(await outcome(exact)).toBe('fulfilled')
  })

  test('is not known by its type', async () => {
    const { send } = await startClient()
    const peer = await startPeer()
    const reply = send(peer.url)
    const { response } = await peer.next()
    response.setHeader('Content-Type', 'text/html')
    response.end(fulfill)
    expect(await outcome(reply)).toBe('fulfilled')
  })
})

describe('a connection', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['that is closed instead of an answer', socket => socket.end()],
    ['that is reset instead of an answer', socket => socket.resetAndDestroy()],
    ['that is closed within a head', socket => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    ['that is closed within a body', socket => socket.end(respond('200 OK\r\nContent-Length: 100', fulfill))],
    [
      'that is reset within a body',
      socket =>
        socket.write(respond('200 OK\r\nContent-Length: 100', fulfill), () => socket.resetAndDestroy()),
    ],
    [
      'that is closed within chunks',
      socket => socket.end(respond('200 OK\r\nTransfer-Encoding: chunked', '5\r\nab')),
    ],
    ['that answers with garbage', socket => socket.end('\x00\x01\x02 garbage\r\n\r\n')],
    ['that answers with another protocol', socket => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'that answers with 101',
      socket => socket.end(respond('101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade')),
    ],
  ])('%s becomes T01, and nothing is sent again', async (_, act) => {
    const { send, logger } = await startClient()
    const rude = await startRude(act)
    expect(await send(rude.url)).toMatchObject({ code: 'T01', triggeredBy: 'test.node' })
    expect(rude.requests()).toBe(1)
    expect(logger.entries).toHaveLength(1)
    expect(await outcome(send(rude.url))).toBe('T01')
    expect(rude.requests()).toBe(2)
  })

  test('whose peer announces more before its answer is waited for', async () => {
    const { send } = await startClient()
    const { url } = await startRude(socket => {
      socket.write(respond('103 Early Hints\r\nLink: </x>'))
      socket.write(respond(`200 OK\r\nContent-Length: ${fulfill.length}`, fulfill))
    })
    expect(await outcome(send(url))).toBe('fulfilled')
  })

  test('that answers twice does not answer the next packet', async () => {
    const { send } = await startClient({ connectionsMax: 1, lateAnswerMs: 20 })
    const one = respond(`200 OK\r\nContent-Length: ${fulfill.length}`, fulfill)
    const { url } = await startRude((socket, nth) => socket.write(nth === 0 ? Buffer.concat([one, one]) : ''))
    expect(await outcome(send(url))).toBe('fulfilled')
    const soon = testPrepare({ expiresAt: new Date(Date.now() + 50) })
    expect(await outcome(send(url, soon))).not.toBe('fulfilled')
  })

  test('that was closed while idle takes no packet twice', async () => {
    const { send } = await startClient({ connectionsMax: 1 })
    const rude = await startRude(socket =>
      socket.end(respond(`200 OK\r\nContent-Length: ${fulfill.length}`, fulfill)),
    )
    const outcomes = []
    for (let i = 0; i < 20; i++) outcomes.push(await outcome(send(rude.url)))
    expect(rude.requests()).toBe(outcomes.filter(code => code === 'fulfilled').length)
    expect(outcomes.filter(code => code !== 'fulfilled' && code !== 'T01')).toEqual([])
  })

  test('that fails under pipelined requests takes none of them again', async () => {
    const { send } = await startClient({ connectionsMax: 1, pipelining: 5 })
    let seen = 0
    const rude = await startRude((socket, nth) => {
      if (nth === 0) socket.write(respond(`200 OK\r\nContent-Length: ${fulfill.length}`, fulfill))
      else if (++seen % 5 === 0) socket.resetAndDestroy()
    })
    expect(await outcome(send(rude.url))).toBe('fulfilled')
    const replies = Array.from({ length: 5 }, () => outcome(send(rude.url)))
    expect(await Promise.all(replies)).toEqual(['T01', 'T01', 'T01', 'T01', 'T01'])
    expect(rude.requests()).toBe(6)
  })

  test('that hangs under pipelined requests takes none of them again', async () => {
    const { send } = await startClient({ connectionsMax: 1, pipelining: 3, lateAnswerMs: 20 })
    const rude = await startRude((socket, nth) => {
      if (nth === 0) socket.write(respond(`200 OK\r\nContent-Length: ${fulfill.length}`, fulfill))
    })
    expect(await outcome(send(rude.url))).toBe('fulfilled')
    const soon = testPrepare({ expiresAt: new Date(Date.now() + 1_500) })
    const later = testPrepare()
    const replies = [send(rude.url, soon), send(rude.url, later), send(rude.url, later)].map(outcome)
    expect(await Promise.all(replies)).toEqual(['R00', 'T01', 'T01'])
    expect(rude.requests()).toBe(4)
  })

  test('that cannot be made becomes T01', async () => {
    const server = createServer()
    const host = await listen(server)
    await new Promise(resolve => server.close(resolve))
    const { send, logger } = await startClient()
    expect(await Promise.all(Array.from({ length: 20 }, () => outcome(send(`http://${host}/ilp`))))).toEqual(
      Array(20).fill('T01'),
    )
    expect(logger.entries).toEqual([
      {
        level: 'warn',
        fields: { account: 'bob', reason: 'ECONNREFUSED' },
        message: 'packets do not get through to a peer',
      },
    ])
  })

  test('to a name that does not exist becomes T01', async () => {
    const { send } = await startClient()
    expect(await outcome(send('http://no-such-host.invalid/ilp'))).toBe('T01')
  })

  test.each([true, false])('whose TLS handshake hangs becomes T01 (HTTP/2: %s)', async http2 => {
    const { send } = await startClient({ connectTimeoutMs: 50, http2 })
    const host = await listen(createServer(socket => socket.resume()))
    expect(await outcome(send(`https://${host}/ilp`))).toBe('T01')
  })

  test.each([true, false])('whose peer speaks no TLS becomes T01 (HTTP/2: %s)', async http2 => {
    const { send } = await startClient({ http2 })
    const peer = await startPeer()
    expect(await outcome(send(peer.url.replace('http:', 'https:')))).toBe('T01')
  })

  test.each(['nonsense', 'ftp://127.0.0.1/ilp', ''])('to the URL %j becomes T01', async url => {
    const { send } = await startClient()
    expect(await outcome(send(url))).toBe('T01')
  })
})

test('a token that no header can hold becomes T01, and shows nowhere', async () => {
  const { send, tokens, logger } = await startClient()
  const peer = await startPeer()
  tokens.set('bob', 'secret\r\nX-Smuggled: 1')
  const reply = await send(peer.url)
  expect(reply).toMatchObject({ code: 'T01' })
  expect(JSON.stringify([reply, logger.entries])).not.toContain('secret')
  expect(peer.waiting()).toBe(0)
})

test('what a peer does is logged once in ten seconds, whatever it does', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const { send, logger } = await startClient()
    const rude = await startRude((socket, nth) => {
      if (nth % 2 === 0) socket.resetAndDestroy()
      else socket.end(respond('404 Not Found\r\nContent-Length: 0'))
    })
    for (let i = 0; i < 10; i++) await send(rude.url)
    expect(logger.entries).toHaveLength(1)
    vi.setSystemTime(Date.now() + 10_000)
    for (let i = 0; i < 10; i++) await send(rude.url)
    expect(logger.entries).toHaveLength(2)
  } finally {
    vi.useRealTimers()
  }
})

test('a reject of ours is one that peers can read', async () => {
  const { send } = await startClient()
  const peer = await startPeer()
  const reply = send(peer.url)
  ;(await peer.next()).response.writeHead(404).end()
  const decoded = decodeReply((await reply).toBuffer())
  expect('message' in decoded && decoded.message.length < MESSAGE_LENGTH_MAX).toBe(true)
})
