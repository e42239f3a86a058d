import { InvalidPacketError, Prepare } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dial, head, post, readAll, startNode } from './helpers.js'

const prepare = testPrepare({ data: Buffer.from('data') }).toBuffer()

/** The bytes with some of them changed, taken out or put in. */
const mutated = (bytes: Buffer) =>
  fc
    .array(
      fc.record({
        at: fc.nat(bytes.length - 1),
        remove: fc.nat(3),
        insert: fc.uint8Array({ maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map(changes =>
      changes.reduce<Buffer>(
        (result, { at, remove, insert }) =>
          Buffer.concat([result.subarray(0, at), insert, result.subarray(at + remove)]),
        bytes,
      ),
    )

const isPrepare = (bytes: Buffer): boolean => {
  try {
    Prepare.decode(bytes)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidPacketError)
    return false
  }
}

test('a body enters the chain when it is a Prepare, and is answered with 400 otherwise', async () => {
  await using node = await startNode()
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated(prepare), fc.uint8Array().map(Buffer.from)), async bytes => {
      const response = post(`${node.url}/ilp`, new Uint8Array(bytes))
      if (isPrepare(bytes)) (await node.next()).fulfill()
      expect((await response).status).toBe(isPrepare(bytes) ? 200 : 400)
    }),
    { numRuns: 300 },
  )
})

test('whatever comes over a connection, others are served, and nothing is logged', async () => {
  await using node = await startNode({
    listener: { headersTimeoutMs: 1_000, requestTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
  })
  void fulfillAll(node.next)
  const request = Buffer.concat([
    Buffer.from(head(`Content-Length: ${prepare.length}\r\nConnection: close`)),
    prepare,
  ])
  const bytes = fc.oneof(mutated(request), fc.uint8Array({ minLength: 1 }))
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { minLength: 50, maxLength: 50 }), async connections => {
      const answers = await Promise.all(connections.map(sent => readAll(dial(node.port, sent))))
      for (const answer of answers) expect(answer).not.toMatch(/^HTTP\/1.1 500/)
    }),
    { numRuns: 3, endOnFailure: true },
  )
  expect(await readAll(dial(node.port, request))).toMatch(/^HTTP\/1.1 200 /)
  expect(node.logger.entries).toEqual([])
})

async function fulfillAll(next: () => Promise<{ readonly fulfill: () => void }>): Promise<never> {
  for (;;) (await next()).fulfill()
}
