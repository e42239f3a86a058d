import { once } from 'node:events'
import { Agent, request as httpRequest, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import type { HttpResponse, Listener, ListenerOptions } from '../src/index.js'
import { dial, local, portOf, readAll } from './helpers.js'

/** A started listener whose GET / is answered by the test. */
async function holding(options: Partial<ListenerOptions> = {}) {
  const listener = local(options)
  const responses: HttpResponse[] = []
  let arrived: (() => void) | undefined
  listener.handle('GET', '/', (_, response) => {
    responses.push(response)
    arrived?.()
  })
  await listener.start()
  /** The next response that waits for its answer. */
  const next = async () => {
    if (responses.length === 0) {
      await new Promise<void>(resolve => {
        arrived = resolve
      })
    }
    return responses.shift() as HttpResponse
  }
  return { listener, next, waiting: () => responses.length }
}

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

const refusesConnections = async (listener: Listener) => {
  const socket = connect(portOf(listener), '127.0.0.1')
  const [error] = await once(socket, 'error')
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED'
}

describe('a stop', () => {
  test('takes no more connections, and waits for the answer of a request under way', async () => {
    const { listener, next } = await holding()
    const answer = readAll(dial(listener, GET))
    const response = await next()
    let stopped = false
    const stop = listener.stop().then(() => {
      stopped = true
    })
    expect(await refusesConnections(listener)).toBe(true)
    expect(stopped).toBe(false)
    response.end('answer')
    expect(await answer).toMatch(/^HTTP\/1.1 200 OK\r\nConnection: close\r\n[\s\S]*answer/)
    await stop
  })

  test('closes idle connections at once', async () => {
    const { listener, next } = await holding()
    const agent = new Agent({ keepAlive: true })
    const client = httpRequest(listener.url(), { agent }).end()
    ;(await next()).end('x')
    const [incoming] = await once(client, 'response')
    incoming.resume()
    await once(incoming, 'end')
    const silent = connect(portOf(listener), '127.0.0.1')
    await once(silent, 'connect')
    await listener.stop()
    await once(silent, 'close')
    agent.destroy()
  })

  test('takes no request that comes behind one under way', async () => {
    const { listener, next, waiting } = await holding()
    const socket = dial(listener, GET)
    const answer = readAll(socket)
    const response = (await next()) as ServerResponse
    const stop = listener.stop()
    socket.write(GET)
    await vi.waitUntil(() => response.req.socket.bytesRead === 2 * GET.length, { timeout: 20_000 })
    response.end('first')
    expect(await answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]*first$/)
    expect(waiting()).toBe(0)
    await stop
  })

  test('lets a response that has begun go out whole', async () => {
    const { listener, next } = await holding()
    const socket = dial(listener, GET)
    const response = await next()
    response.writeHead(200, { 'Content-Length': 200_000 })
    response.write('x'.repeat(100_000))
    const stop = listener.stop()
    response.end('y'.repeat(100_000))
    expect((await readAll(socket)).endsWith('y'.repeat(100_000))).toBe(true)
    await stop
  })

  test('waits no longer than it may', async () => {
    const { listener, next } = await holding({ stopTimeoutMs: 50 })
    const answer = readAll(dial(listener, GET))
    await next()
    await listener.stop()
    expect(await answer).toBe('')
  })

  test('waits for nothing on connections that were lost', async () => {
    const { listener, next } = await holding()
    const socket = dial(listener, GET + GET)
    await next()
    await next()
    socket.resetAndDestroy()
    await once(socket, 'close')
    await listener.stop()
  })
})
