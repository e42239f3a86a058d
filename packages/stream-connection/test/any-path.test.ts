import { reject } from '@ilp/service-core'
import { type TestPath, type TestPathOptions, timeLapse } from '@ilp/service-testing'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Connection, Stream } from '../src/index.js'
import { connected } from './ends.js'
import { net } from './net.js'

const settled = timeLapse(vi)
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const every = (max: number) => fc.option(fc.integer({ min: 4, max }), { nil: undefined })

/** A way with one rate, at which packets may be refused, late, out of order, and lost on the way there or back. */
const anyWay = fc.record({
  delivered: fc.bigInt(1n, 50n),
  sent: fc.bigInt(1n, 50n),
  maximum: fc.bigInt(2_000n, 100_000n),
  tellsMaximum: fc.boolean(),
  liquidity: fc.option(fc.bigInt(5_000n, 500_000n), { nil: undefined }),
  delayMs: fc.integer({ min: 0, max: 100 }),
  code: fc.constantFrom('T00', 'T01', 'T02', 'T03', 'T05', 'R00', 'F99'),
  refusesEvery: every(20),
  losesEvery: every(30),
  losesAnswerEvery: every(30),
})
type AnyWay = typeof anyWay extends fc.Arbitrary<infer T> ? T : never

const isNth = (index: number, nth: number | undefined): boolean => nth !== undefined && index % nth === 0

function wayOf(any: AnyWay): TestPathOptions {
  let count = 0
  return {
    rate: units => (units * any.delivered) / any.sent,
    maxPacketAmount: any.maximum,
    tellsMaximum: any.tellsMaximum,
    ...(any.liquidity !== undefined && { liquidity: any.liquidity }),
    ...(any.delayMs > 0 && { delayMs: () => (count++ * 7919) % any.delayMs }),
    intercept: (_, index) =>
      isNth(index, any.refusesEvery) ? reject(any.code, 'test.net', 'not now') : undefined,
    loses: index => isNth(index, any.losesEvery),
    losesAnswer: index => isNth(index, any.losesAnswerEvery),
  }
}

/** What one stream brings, each way. */
const anyTask = fc.record({
  byServer: fc.boolean(),
  there: fc.nat(40_000),
  back: fc.nat(40_000),
  amount: fc.bigInt(0n, 20_000n),
  amountBack: fc.bigInt(0n, 20_000n),
})
type AnyTask = typeof anyTask extends fc.Arbitrary<infer T> ? T : never

/** Bytes of which each says where it is, and in which stream. */
const bytesOf = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + seed * 101) & 255)

const isSame = (one: Uint8Array | undefined, other: Uint8Array): boolean =>
  one !== undefined && Buffer.from(one).equals(other)

async function readSome(stream: Stream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const reader = stream.readable.getReader()
  for (let at = 0; at < length; ) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`${at} of ${length} bytes have come`)
    bytes.set(value, at)
    at += value.length
  }
  return bytes
}

async function writeSome(stream: Stream, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter()
  for (let at = 0; at < bytes.length; at += 9_999) await writer.write(bytes.subarray(at, at + 9_999))
}

/** Both directions of one stream, at one end. */
const side = (stream: Stream, out: Uint8Array, inLength: number, amount: bigint) =>
  Promise.all([readSome(stream, inLength), writeSome(stream, out), stream.sendTotal(amount)])

async function run(tasks: readonly AnyTask[], up: AnyWay, down: AnyWay) {
  const path = net(wayOf(up), wayOf(down))
  const answers = new Map<number, Promise<Uint8Array>>()
  const byId = new Map<number, { task: AnyTask; index: number }>()
  const answer = (stream: Stream): void => {
    const { task, index } = byId.get(stream.id) as { task: AnyTask; index: number }
    answers.set(
      index,
      side(stream, bytesOf(-index, task.back), task.there, task.amountBack).then(([bytes]) => bytes),
    )
  }
  const options = { receiveMax: 2n ** 60n, packetTimeoutMs: 1_000, idleTimeoutMs: 600_000 }
  const ends = await connected(path, { client: options, server: options, onStream: answer })
  ends.client.on('stream', answer)
  const given = await Promise.all(
    tasks.map(async (task, index) => {
      const opener: Connection = task.byServer ? ends.server : ends.client
      const stream = opener.createStream()
      byId.set(stream.id, { task, index })
      const [bytes] = await side(stream, bytesOf(index, task.there), task.back, task.amount)
      return { bytes, stream }
    }),
  )
  const taken = await Promise.all(tasks.map((_, index) => answers.get(index)))
  return { path, ends, given, taken }
}

const sum = (amounts: bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

/** All of it is sent, but for rests that are not worth a unit of the other end's, at most one on each stream. */
function expectSent(
  sent: bigint,
  asked: bigint,
  book: TestPath,
  { delivered, sent: unit }: AnyWay,
  streams: number,
): void {
  expect(sent).toBe(book.sent)
  expect(((asked - sent) * delivered) / unit).toBeLessThanOrEqual(BigInt(streams))
  expect(sent).toBeLessThanOrEqual(asked)
}

it('all data arrives once and in order, and no money is lost, on whatever path', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyTask, { minLength: 1, maxLength: 4 }),
      anyWay,
      anyWay,
      async (tasks, up, down) => {
        const { path, ends, given, taken } = await settled(run(tasks, up, down))
        tasks.forEach((task, index) => {
          expect(isSame(taken[index], bytesOf(index, task.there))).toBe(true)
          expect(isSame(given[index]?.bytes, bytesOf(-index, task.back))).toBe(true)
        })
        const toServer = sum(
          tasks.map(({ byServer, amount, amountBack }) => (byServer ? amountBack : amount)),
        )
        const toClient = sum(
          tasks.map(({ byServer, amount, amountBack }) => (byServer ? amount : amountBack)),
        )
        expectSent(ends.client.totalSent, toServer, path.up, up, tasks.length)
        expectSent(ends.server.totalSent, toClient, path.down, down, tasks.length)
        expect(ends.server.totalReceived).toBe(path.up.delivered + path.up.untold)
        expect(ends.client.totalReceived).toBe(path.down.delivered + path.down.untold)
        expect(ends.client.totalDelivered).toBe(path.up.delivered)
        expect(ends.server.totalDelivered).toBe(path.down.delivered)
        await settled(ends.client.close())
        await settled(ends.server.closed)
        // What is still on the path lands.
        await vi.advanceTimersByTimeAsync(5_000)
        expect(vi.getTimerCount()).toBe(0)
      },
    ),
    { numRuns: 60, endOnFailure: true },
  )
})
