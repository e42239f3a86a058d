import { createServer } from 'node:net'
import { decodeReply, isFulfill } from '@ilp/service-core'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { listen, startClient } from './helpers.js'

test('whatever a peer answers, the packet gets a reply', async () => {
  const fulfill = testFulfill({ data: Buffer.from('data') }).toBuffer()
  const response = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: x/y\r\nContent-Length: ${fulfill.length}\r\n\r\n`),
    fulfill,
  ])
  const mutated = fc
    .array(
      fc.record({
        at: fc.nat(response.length - 1),
        remove: fc.nat(3),
        insert: fc.uint8Array({ maxLength: 3 }),
      }),
      {
        maxLength: 3,
      },
    )
    .map(changes =>
      changes.reduce<Buffer>(
        (bytes, { at, remove, insert }) =>
          Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]),
        response,
      ),
    )
  let answer: Uint8Array = response
  const server = createServer(socket => socket.once('data', () => socket.end(answer)))
  const url = `http://${await listen(server)}/ilp`
  const { send } = await startClient({ lateAnswerMs: 50 })
  let fulfilled = 0
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, fc.uint8Array()), async bytes => {
      answer = bytes
      const reply = await send(url, testPrepare({ expiresAt: new Date(Date.now() + 1_000) }))
      const whole = decodeReply(reply.toBuffer())
      expect(whole.toBuffer()).toEqual(reply.toBuffer())
      if (isFulfill(whole)) fulfilled += 1
    }),
    { numRuns: 300 },
  )
  // Some were left as they were.
  expect(fulfilled).toBeGreaterThan(0)
})
