import { once } from 'node:events'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { FRAME_LENGTH_MAX } from '@ilp/btp-packet'
import type { CloseReason } from '@ilp/btp-pool'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { dial } from '../src/index.js'
import { createProxy, dialNow, hear, serve } from './harness.js'

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

/** A server, and what it has been told to do is undone after the test. */
async function start(...args: Parameters<typeof serve>) {
  const server = await serve(...args)
  stops.push(server.stop)
  return server
}

/** The two ends of one connection. */
async function connected(...args: Parameters<typeof serve>) {
  const server = await start(...args)
  const client = await dialNow(server.host, args[0])
  const accepted = await server.next()
  stops.push(async () => {
    const closed = [hear(client), hear(accepted)].map(heard => heard.closed)
    client.close('going-away')
    await Promise.all(closed)
  })
  return { client, accepted }
}

test('messages go both ways, whole and in order, of any size that a frame can have', async () => {
  const { client, accepted } = await connected()
  const [atServer, atClient] = [hear(accepted), hear(client)]
  const messages = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(FRAME_LENGTH_MAX)]
  for (const message of messages) {
    client.send(Buffer.from(message))
    accepted.send(Buffer.from(message))
  }
  expect(await atServer.until(messages.length)).toEqual(messages)
  expect(await atClient.until(messages.length)).toEqual(messages)
  expect([client.unsentBytes(), accepted.unsentBytes()]).toEqual([0, 0])
})

test('what comes before somebody listens is kept', async () => {
  const { client, accepted } = await connected()
  accepted.send(Buffer.from('early'))
  await new Promise(resolve => setTimeout(resolve, 50))
  expect(await hear(client).until(1)).toEqual(['early'])
})

test('a new listener takes over from the one before', async () => {
  const { client, accepted } = await connected()
  const first = hear(accepted)
  client.send(Buffer.from('1'))
  await first.until(1)
  const second = hear(accepted)
  client.send(Buffer.from('2'))
  expect(await second.until(1)).toEqual(['2'])
  expect(first.messages).toEqual(['1'])
})

test('who listens to a port that is closed already is told so', async () => {
  const { client, accepted } = await connected()
  const first = hear(client)
  hear(accepted)
  accepted.close('going-away')
  await first.closed
  await hear(client).closed
})

/** Counts the writes that reach the system. */
class CountingStream extends Duplex {
  writes = 0
  constructor(private readonly socket: Duplex) {
    super()
    socket.on('data', chunk => this.push(chunk))
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
  }
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes += 1
    this.socket.write(chunk, done)
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done)
  }
  override _final(done: () => void): void {
    this.socket.end(done)
  }
}

test('what is sent in one turn, in promises as well, leaves in one write', async () => {
  let stream: CountingStream | undefined
  const wrap = (socket: Duplex) => {
    stream = new CountingStream(socket)
    return stream
  }
  const { client, accepted } = await connected({ wrap })
  const atClient = hear(client)
  hear(accepted)
  const before = stream?.writes as number
  await Promise.resolve().then(() => {
    for (let i = 0; i < 100; i++) void Promise.resolve().then(() => accepted.send(Buffer.from(`${i}`)))
  })
  expect(await atClient.until(100)).toHaveLength(100)
  expect(stream?.writes).toBe(before + 1)
})

describe('closing', () => {
  test.each<[CloseReason, number]>([
    ['violation', 1002],
    ['overrun', 1008],
    ['going-away', 1001],
  ])('%s tells the peer %i, after what was sent before', async (reason, expected) => {
    const server = await start()
    const socket = new WebSocket(`ws://${server.host}/`)
    const messages: string[] = []
    socket.on('message', data => messages.push(String(data)))
    const closed = once(socket, 'close')
    const port = await server.next()
    const { closed: portClosed } = hear(port)
    port.send(Buffer.from('last'))
    port.close(reason)
    port.send(Buffer.from('too late'))
    expect((await closed)[0]).toBe(expected)
    expect(messages).toEqual(['last'])
    await portClosed
    expect(() => port.send(Buffer.from('no effect'))).not.toThrow()
    expect(() => port.close('violation')).not.toThrow()
  })

  test('no message comes once the port is closing', async () => {
    const { client, accepted } = await connected()
    const atClient = hear(client)
    const received: string[] = []
    const closed = new Promise<void>(resolve => {
      accepted.listen({
        message: bytes => {
          received.push(bytes.toString())
          accepted.close('violation')
        },
        closed: resolve,
      })
    })
    client.send(Buffer.from('one'))
    client.send(Buffer.from('two'))
    await Promise.all([closed, atClient.closed])
    expect(received).toEqual(['one'])
  })

  test('a peer that does not answer a close is cut off', async () => {
    const server = await start()
    const proxy = await createProxy(server.port)
    stops.push(proxy.stop)
    await dialNow(proxy.host)
    const accepted = await server.next()
    const { closed } = hear(accepted)
    proxy.pull()
    accepted.close('going-away')
    await closed
  })

  test('text is not taken', async () => {
    const server = await start()
    const socket = new WebSocket(`ws://${server.host}/`)
    const closed = once(socket, 'close')
    socket.on('open', () => socket.send('text'))
    const heard = hear(await server.next())
    expect((await closed)[0]).toBe(1002)
    expect(heard.messages).toEqual([])
  })

  test('a message longer than a frame can be ends the connection', async () => {
    const server = await start()
    const socket = new WebSocket(`ws://${server.host}/`)
    const closed = once(socket, 'close')
    socket.on('open', () => socket.send(Buffer.alloc(FRAME_LENGTH_MAX + 1)))
    const heard = hear(await server.next())
    expect((await closed)[0]).toBe(1009)
    await heard.closed
    expect(heard.messages).toEqual([])
  })

  test.each<[string, number[]]>([
    ['an unmasked frame', [0x82, 1, 0]],
    ['a compressed frame', [0xc2, 0x81, 0, 0, 0, 0, 0]],
    ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['a claim of eight exabytes', [0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ])('%s ends the connection', async (_name, frame) => {
    const server = await start()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n\r\n`,
    )
    const heard = hear(await server.next())
    socket.resume()
    socket.write(Buffer.from(frame))
    await heard.closed
    expect(heard.messages).toEqual([])
  })
})

describe('the heartbeat', () => {
  test('finds a connection that is half open, at either end', async () => {
    const server = await start({ pingIntervalMs: 400 })
    const proxy = await createProxy(server.port)
    stops.push(proxy.stop)
    const client = await dialNow(proxy.host, { pingIntervalMs: 400 })
    const heard = [hear(client), hear(await server.next())]
    const before = performance.now()
    proxy.pull()
    await Promise.all(heard.map(({ closed }) => closed))
    expect(performance.now() - before).toBeGreaterThanOrEqual(50)
  })

  test('leaves an idle connection alone', async () => {
    const { client, accepted } = await connected({ pingIntervalMs: 400 })
    const atServer = hear(accepted)
    const atClient = hear(client)
    // Three times as long: an answer that comes a whole interval late would end it.
    await new Promise(resolve => setTimeout(resolve, 1_300))
    client.send(Buffer.from('still there'))
    accepted.send(Buffer.from('I am'))
    expect(await atServer.until(1)).toEqual(['still there'])
    expect(await atClient.until(1)).toEqual(['I am'])
  })
})

describe('dialling', () => {
  const never = new AbortController().signal

  test('a port where nobody listens', async () => {
    const server = await serve()
    await server.stop()
    await expect(dialNow(server.host)).rejects.toThrow('ECONNREFUSED')
  })

  test('a server that is none for WebSockets', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    stops.push(async () => void server.close())
    const { port } = server.address() as { port: number }
    await expect(dialNow(`127.0.0.1:${port}`)).rejects.toThrow()
  })

  test('a server that does not answer, until it is given up', async () => {
    const server = await start()
    const proxy = await createProxy(server.port)
    stops.push(proxy.stop)
    const aborting = new AbortController()
    const attempt = dial(new URL(`ws://${proxy.host}/`), aborting.signal)
    proxy.pull()
    aborting.abort()
    await expect(attempt).rejects.toThrow()
    await expect(dial(new URL(`ws://${proxy.host}/`), aborting.signal)).rejects.toThrow()
  })

  test('TLS: a certificate that nobody vouches for is refused, one of a named authority is taken', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    const server = await start({ server: createServer({ cert, key }) })
    const url = new URL(`wss://${server.host}/`)
    await expect(dial(url, never)).rejects.toThrow('self-signed certificate')
    const client = await dial(url, never, { ca: cert })
    const accepted = await server.next()
    client.send(Buffer.from('hello'))
    expect(await hear(accepted).until(1)).toEqual(['hello'])
    const { closed } = hear(client)
    client.close('going-away')
    await closed
  })
})
