import { once } from 'node:events'
import { testPrepare } from '@ilp/service-testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dial, head, readAll, startNode } from './helpers.js'

let node: Awaited<ReturnType<typeof startNode>>

beforeEach(async () => {
  node = await startNode({ server: { bodyBytesMax: 1_000 } })
})
afterEach(() => node.stop())

const chunk = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
const LAST = '0\r\n\r\n'
const CHUNKED = 'Transfer-Encoding: chunked'
const CLOSE = '\r\nConnection: close'

describe('a body', () => {
  const prepare = testPrepare({ data: Buffer.alloc(500, 3) })
  const bytes = prepare.toBuffer()

  test('may come in any pieces', async () => {
    for (const size of [1, 7, 100, 400]) {
      const socket = dial(node.port, head(`Content-Length: ${bytes.length}${CLOSE}`)).setNoDelay()
      const answer = readAll(socket)
      for (let at = 0; at < bytes.length; at += size) {
        socket.write(bytes.subarray(at, at + size))
        // A turn of the event loop between them, lest they go as one.
        await new Promise(resolve => setImmediate(resolve))
      }
      const { request, fulfill } = await node.next()
      expect(request.prepare.toBuffer()).toEqual(bytes)
      fulfill()
      expect(await answer).toMatch(/^HTTP\/1.1 200 /)
    }
  })

  test('may come in chunks, each of any size', async () => {
    for (const size of [1, 64, bytes.length]) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += size) chunks.push(chunk(bytes.subarray(at, at + size)))
      const answer = readAll(dial(node.port, head(CHUNKED + CLOSE), ...chunks, LAST))
      const { request, fulfill } = await node.next()
      expect(request.prepare.toBuffer()).toEqual(bytes)
      fulfill()
      expect(await answer).toMatch(/^HTTP\/1.1 200 /)
    }
  })

  test('may wait until it is asked for', async () => {
    const socket = dial(node.port, head(`Content-Length: ${bytes.length}\r\nExpect: 100-continue${CLOSE}`))
    expect(String((await once(socket, 'data'))[0])).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    const answer = readAll(socket)
    socket.write(bytes)
    ;(await node.next()).fulfill()
    expect(await answer).toMatch(/^HTTP\/1.1 200 /)
  })

  test('that is truncated never gets into the chain', async () => {
    for (const fields of [`Content-Length: ${bytes.length}`, CHUNKED]) {
      const socket = dial(node.port, head(fields), fields === CHUNKED ? chunk(bytes) : bytes.subarray(0, -1))
      const answer = readAll(socket)
      socket.end()
      expect(await answer).not.toMatch(/^HTTP\/1.1 200 /)
    }
    expect(node.waiting()).toBe(0)
  })
})

describe('413', () => {
  test('for a length above the limit, before anything is read', async () => {
    for (const length of [1_001, 2 ** 31, 2 ** 53, 10 ** 18]) {
      expect(await readAll(dial(node.port, head(`Content-Length: ${length}`)))).toMatch(
        /^HTTP\/1.1 413 [\s\S]*Connection: close\r\n[\s\S]*more than 1000 octets/,
      )
    }
  })

  test('instead of asking for the body', async () => {
    const answer = readAll(dial(node.port, head('Content-Length: 1001\r\nExpect: 100-continue')))
    expect(await answer).toMatch(/^HTTP\/1.1 413 /)
  })

  test('for chunks that exceed it together, as soon as they do', async () => {
    const piece = chunk(Buffer.alloc(400))
    expect(await readAll(dial(node.port, head(CHUNKED), piece, piece, piece))).toMatch(/^HTTP\/1.1 413 /)
    expect(await readAll(dial(node.port, head(CHUNKED), chunk(Buffer.alloc(1_001))))).toMatch(
      /^HTTP\/1.1 413 /,
    )
  })

  test('not for exactly as much', async () => {
    expect(await readAll(dial(node.port, head(`Content-Length: 1000${CLOSE}`), Buffer.alloc(1_000)))).toMatch(
      /^HTTP\/1.1 400 /,
    )
    expect(await readAll(dial(node.port, head(CHUNKED + CLOSE), chunk(Buffer.alloc(1_000)), LAST))).toMatch(
      /^HTTP\/1.1 400 /,
    )
  })
})

test('a client that never ends its body is given up', async () => {
  await using slow = await startNode({ listener: { headersTimeoutMs: 50, requestTimeoutMs: 100 } })
  expect(await readAll(dial(slow.port, head('Content-Length: 100'), 'x'))).toMatch(/^HTTP\/1.1 408 /)
  expect(slow.waiting()).toBe(0)
})
