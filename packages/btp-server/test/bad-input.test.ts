import {
  encodeAuth,
  encodeFrame,
  encodeIlp,
  encodeRefusal,
  FRAME_LENGTH_MAX,
  FrameType,
} from '@ilp/btp-packet'
import { accountId, decodeReply } from '@ilp/service-core'
import { testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Client, packetIn, startNode } from './harness.js'

const ALICE = accountId('alice')
const AUTH = encodeAuth(1, { token: 'alice-token', username: 'alice' })

const sane = [
  AUTH,
  encodeIlp(FrameType.MESSAGE, 1, testPrepare()),
  encodeIlp(FrameType.RESPONSE, 1, testFulfill()),
  encodeIlp(FrameType.RESPONSE, 2, testReject()),
  encodeRefusal(1, 'F00', 'no'),
  encodeFrame({ type: FrameType.TRANSFER, requestId: 3, amount: 1n, protocolData: [] }),
]

const damaged = fc
  .tuple(
    fc.constantFrom(...sane),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }),
    fc.nat(300),
    fc.uint8Array({ maxLength: 8 }),
  )
  .map(([frame, changes, cut, tail]) => {
    const bytes = Buffer.from(frame)
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
    return Buffer.concat([bytes.subarray(0, cut), tail])
  })
const garbage = fc.oneof(
  damaged,
  fc.uint8Array({ maxLength: 64 }).map(octets => Buffer.from(octets)),
  fc.constant(Buffer.alloc(FRAME_LENGTH_MAX + 1, 6)),
)

test.each([
  ['before', []],
  ['behind', [AUTH]],
])('whatever comes %s the authentication: nothing breaks, no session is left', async (_name, first) => {
  await using node = await startNode()
  const answering = (async () => {
    for (;;) (await node.inner.next()).fulfill()
  })()
  void answering
  await fc.assert(
    fc.asyncProperty(fc.array(garbage, { maxLength: 20 }), async messages => {
      const socket = new WebSocket(`${node.url}/btp`)
      socket.on('error', () => {})
      await new Promise(resolve => socket.once('open', resolve))
      const closed = new Promise(resolve => socket.once('close', resolve))
      for (const message of [...first, ...messages]) socket.send(message)
      socket.close()
      await closed
    }),
    { numRuns: 150 },
  )
  await expect.poll(() => node.pool.stats()).toEqual([])
  expect(node.logger.entries.filter(({ level }) => level !== 'debug')).toEqual([])
  const client = await Client.connect(node.url, 'alice')
  await client.send(encodeIlp(FrameType.MESSAGE, 5, testPrepare()))
  expect(decodeReply(packetIn(await client.next()))).toEqual(testFulfill())
})

test('between frames that cannot be read, others are answered as ever', async () => {
  await using node = await startNode()
  const client = await Client.connect(node.url, 'alice')
  for (let id = 1; id <= 50; id++) {
    await client.send(Buffer.from('0600000001ff', 'hex'), encodeIlp(FrameType.MESSAGE, id, testPrepare()))
    ;(await node.inner.next()).fulfill()
    expect((await client.next()).requestId).toBe(id)
  }
  expect(node.pool.count(ALICE)).toBe(1)
})
