import { type BtpFrame, encodeFrame, encodeIlp, encodeRefusal, FrameType } from '@ilp/btp-packet'
import {
  type AccountId,
  accountId,
  decodeReply,
  type Prepare,
  type Reject,
  type Reply,
} from '@ilp/service-core'
import { recordingLogger, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestPort } from '../test/test-port.js'
import { type BtpPool, type BtpPoolOptions, createBtpPool, type SendRefusal } from './index.js'

const ALICE = accountId('alice')
const BOB = accountId('bob')

const pools: BtpPool[] = []

function setUp(options: Partial<BtpPoolOptions> = {}) {
  const logger = recordingLogger()
  const pool = createBtpPool({ address: () => 'test.node', logger }, options)
  pools.push(pool)
  const connect = (account: AccountId = ALICE) => {
    const port = new TestPort()
    const link = pool.add(account, port)
    return { port, link }
  }
  return { pool, logger, connect }
}

/** The promise of a request that could be sent. */
function sent(outcome: Promise<Reply> | SendRefusal): Promise<Reply> {
  if (typeof outcome === 'string') throw new Error(outcome)
  return outcome
}

const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve(false)])

const rejectOf = async (reply: Promise<Reply>): Promise<Reject> => (await reply) as Reject

const response = (requestId: number, packet: Reply) => encodeIlp(FrameType.RESPONSE, requestId, packet)
const incoming = (requestId: number, prepare = testPrepare()) =>
  encodeIlp(FrameType.MESSAGE, requestId, prepare)
const frameWith = (type: 1 | 6, requestId: number, ...names: string[]) =>
  encodeFrame({
    type,
    requestId,
    protocolData: names.map(protocolName => ({ protocolName, contentType: 0, data: Buffer.from('x') })),
  })
/** A frame with two sub-protocols named `ab`. */
const withDuplicateName = (type: 1 | 6, requestId: number) => {
  const bytes = frameWith(type, requestId, 'ab', 'ac')
  bytes[bytes.lastIndexOf('ac') + 1] = 'b'.charCodeAt(0)
  return bytes
}
const packetIn = (frame: BtpFrame): Buffer => Buffer.from(frame.protocolData[0]?.data ?? [])

afterEach(() => {
  // What still waits holds a timer.
  for (const pool of pools.splice(0)) for (const account of [ALICE, BOB]) pool.closeAccount(account)
  vi.useRealTimers()
})

describe('requests', () => {
  test('a Prepare goes out in a Message, alone, under the name ilp', () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    const prepare = testPrepare({ units: 7n })
    void pool.send(ALICE, prepare)
    const frame = port.frame()
    expect(frame).toMatchObject({
      type: FrameType.MESSAGE,
      protocolData: [{ protocolName: 'ilp', contentType: 0 }],
    })
    expect(packetIn(frame)).toEqual(prepare.toBuffer())
  })

  test('answers find their requests by id, in whatever order they come, and are passed on unchanged', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    const replies = [1, 2, 3].map(() => sent(pool.send(ALICE, testPrepare())))
    const ids = port.frames().map(frame => frame.requestId)
    expect(new Set(ids).size).toBe(3)
    const answers = [testFulfill({ data: Buffer.from('one') }), testReject({ code: 'T04' }), testFulfill()]
    for (const i of [2, 0, 1]) port.receive(response(ids[i] as number, answers[i] as Reply))
    expect(await Promise.all(replies)).toEqual(answers)
  })

  test('no session: it says so at once', () => {
    const { pool, connect } = setUp()
    connect(BOB)
    expect(pool.send(ALICE, testPrepare())).toBe('no-session')
  })

  test('one peer cannot answer for another', async () => {
    const { pool, connect } = setUp()
    const { port: alice } = connect(ALICE)
    const { port: bob } = connect(BOB)
    const reply = sent(pool.send(ALICE, testPrepare()))
    const { requestId } = alice.frame()
    bob.receive(response(requestId, testReject()))
    expect(await isSettled(reply)).toBe(false)
    alice.receive(response(requestId, testFulfill()))
    expect(await reply).toEqual(testFulfill())
  })

  test('a second answer, and one that nobody asked for, are ignored in silence', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    const { requestId } = port.frame()
    port.receive(response(requestId, testFulfill()))
    port.receive(response(requestId, testReject()))
    port.receive(response(999, testFulfill()))
    port.receive(encodeRefusal(999, 'F00', 'what?'))
    port.receive(frameWith(FrameType.RESPONSE, 999))
    port.receive(withDuplicateName(FrameType.RESPONSE, 999))
    expect(await reply).toEqual(testFulfill())
    expect(port.frames()).toEqual([])
    expect(pool.count(ALICE)).toBe(1)
  })

  test.each<[string, (id: number) => Buffer]>([
    ['an empty Response', id => frameWith(FrameType.RESPONSE, id)],
    ['a Response about something else', id => frameWith(FrameType.RESPONSE, id, 'claim', 'ilp')],
    ['a Response with bytes that are no packet', id => frameWith(FrameType.RESPONSE, id, 'ilp')],
    ['a Response with two sub-protocols of one name', id => withDuplicateName(FrameType.RESPONSE, id)],
    ['a BTP Error', id => encodeRefusal(id, 'T00', 'not now')],
  ])('%s is T00, triggered by this node', async (_name, answer) => {
    const { pool, connect } = setUp()
    const { port } = connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    port.receive(answer(port.frame().requestId))
    expect(await rejectOf(reply)).toMatchObject({ code: 'T00', triggeredBy: 'test.node' })
    expect(port.frames()).toEqual([])
    expect(pool.count(ALICE)).toBe(1)
  })

  test('when the session closes, all that wait get T01 at once', async () => {
    const { pool, connect } = setUp()
    const { port, link } = connect()
    const replies = [1, 2].map(() => sent(pool.send(ALICE, testPrepare())))
    port.drop()
    for (const reply of replies) expect(await rejectOf(reply)).toMatchObject({ code: 'T01' })
    await link.closed
    expect(pool.send(ALICE, testPrepare())).toBe('no-session')
  })

  test('closing a link ends its session alone, at once', async () => {
    const { pool, connect } = setUp()
    const { port, link } = connect()
    connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    link.close()
    expect(await rejectOf(reply)).toMatchObject({ code: 'T01' })
    await link.closed
    expect(port.reason).toBe('going-away')
    expect(pool.count(ALICE)).toBe(1)
  })
})

describe('late answers', () => {
  test('an answer is taken until lateAnswerMs behind the expiry; then the request gets R00', async () => {
    vi.useFakeTimers()
    const { pool, connect } = setUp({ lateAnswerMs: 1_000 })
    const { port } = connect()
    const expiresAt = new Date(Date.now() + 500)
    const first = sent(pool.send(ALICE, testPrepare({ expiresAt })))
    const second = sent(pool.send(ALICE, testPrepare({ expiresAt })))
    const [one, two] = port.frames().map(frame => frame.requestId)
    await vi.advanceTimersByTimeAsync(1_490)
    expect(await isSettled(first)).toBe(false)
    port.receive(response(one as number, testFulfill()))
    expect(await first).toEqual(testFulfill())
    await vi.advanceTimersByTimeAsync(30)
    expect(await rejectOf(second)).toMatchObject({ code: 'R00', triggeredBy: 'test.node' })
    port.receive(response(two as number, testFulfill()))
    expect(pool.stats()).toEqual([{ account: ALICE, sessions: 1, pending: 0, unsentBytes: 0 }])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('an answered request leaves no timer', async () => {
    vi.useFakeTimers()
    const { pool, connect } = setUp()
    const { port } = connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    port.receive(response(port.frame().requestId, testFulfill()))
    await reply
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('several sessions of an account', () => {
  test('requests go to the one with the fewest waiting', async () => {
    const { pool, connect } = setUp()
    const { port: one } = connect()
    const { port: two } = connect()
    for (let i = 0; i < 4; i++) void pool.send(ALICE, testPrepare())
    const [first] = one.frames()
    expect(two.frames()).toHaveLength(2)
    one.receive(response(first?.requestId as number, testFulfill()))
    void pool.send(ALICE, testPrepare())
    expect(one.frames()).toHaveLength(1)
    expect(two.frames()).toHaveLength(0)
  })

  test('past pendingMax a session takes no more; when none does, the account is saturated', async () => {
    const { pool, connect } = setUp({ pendingMax: 2 })
    const { port } = connect()
    void pool.send(ALICE, testPrepare())
    void pool.send(ALICE, testPrepare())
    expect(pool.send(ALICE, testPrepare())).toBe('saturated')
    const { port: other } = connect()
    void pool.send(ALICE, testPrepare())
    expect(other.frames()).toHaveLength(1)
    port.receive(response(port.frames()[0]?.requestId as number, testFulfill()))
    expect(pool.send(ALICE, testPrepare())).not.toBe('saturated')
  })

  test('an answer goes back on the session that the request came on', async () => {
    const { pool, connect } = setUp()
    const { port: one } = connect()
    const { port: two } = connect()
    pool.serve(() => Promise.resolve(testFulfill()))
    two.receive(incoming(5))
    await Promise.resolve()
    expect(one.frames()).toEqual([])
    expect(two.frame()).toMatchObject({ type: FrameType.RESPONSE, requestId: 5 })
  })

  test('request ids are counted for each session, so that the same may be under way on two', async () => {
    const { pool, connect } = setUp()
    const { port: one } = connect()
    const { port: two } = connect()
    const replies = [1, 2].map(() => sent(pool.send(ALICE, testPrepare())))
    const [first, second] = [one.frame(), two.frame()]
    expect(first.requestId).toBe(second.requestId)
    two.receive(response(second.requestId, testReject()))
    one.receive(response(first.requestId, testFulfill()))
    expect(await Promise.all(replies)).toEqual([testFulfill(), testReject()])
  })
})

describe('unsent bytes', () => {
  test('past half of the limit a session takes no requests, and another is used', () => {
    const { pool, connect } = setUp({ unsentBytesMax: 1_000 })
    const { port: slow } = connect()
    slow.unsent = 501
    expect(pool.send(ALICE, testPrepare())).toBe('saturated')
    const { port: quick } = connect()
    void pool.send(ALICE, testPrepare())
    expect(slow.frames()).toEqual([])
    expect(quick.frames()).toHaveLength(1)
    expect(pool.count(ALICE)).toBe(2)
  })

  test('past the limit the session is closed, whatever was sent', async () => {
    const { pool, connect } = setUp({ unsentBytesMax: 1_000 })
    const { port } = connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    pool.serve(() => Promise.resolve(testFulfill()))
    port.unsent = 1_001
    port.receive(incoming(1))
    expect(await rejectOf(reply)).toMatchObject({ code: 'T01' })
    expect(port.reason).toBe('overrun')
    expect(pool.count(ALICE)).toBe(0)
  })
})

describe('Prepares of peers', () => {
  test('are handed to the handler with their account, and answered in a Response with their id', async () => {
    const { pool, connect } = setUp()
    const { port } = connect(BOB)
    const handler = vi.fn((_from: AccountId, _prepare: Prepare) =>
      Promise.resolve<Reply>(testReject({ code: 'F02' })),
    )
    pool.serve(handler)
    port.receive(incoming(0xffff_ffff, testPrepare({ units: 3n })))
    await Promise.resolve()
    const frame = port.frame()
    expect(handler.mock.calls).toEqual([[BOB, expect.objectContaining({ units: 3n })]])
    expect(frame).toMatchObject({ type: FrameType.RESPONSE, requestId: 0xffff_ffff })
    expect(decodeReply(packetIn(frame))).toEqual(testReject({ code: 'F02' }))
  })

  test('before serve they get T03', () => {
    const { connect } = setUp()
    const { port } = connect()
    port.receive(incoming(4))
    const frame = port.frame()
    expect(frame).toMatchObject({ type: FrameType.RESPONSE, requestId: 4 })
    expect(decodeReply(packetIn(frame))).toMatchObject({ code: 'T03', triggeredBy: 'test.node' })
  })

  test('bytes that are no ILP packet get an F01 in a Response', () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    pool.serve(() => Promise.resolve(testFulfill()))
    const broken = incoming(4)
    // The expiry's first digit.
    broken.write('x', broken.indexOf('20', 20))
    for (const bytes of [broken, frameWith(FrameType.MESSAGE, 4, 'ilp')]) {
      port.receive(bytes)
      const frame = port.frame()
      expect(frame).toMatchObject({ type: FrameType.RESPONSE, requestId: 4 })
      expect(decodeReply(packetIn(frame))).toMatchObject({ code: 'F01', triggeredBy: 'test.node' })
    }
  })

  test('a handler that throws is logged, and the Message was not processed', async () => {
    const { pool, logger, connect } = setUp()
    const { port } = connect()
    const stopServing = pool.serve(() => Promise.reject(new Error('secret')))
    port.receive(incoming(1))
    await new Promise(setImmediate)
    expect(port.frame()).toMatchObject({ type: FrameType.ERROR, requestId: 1, code: 'T00' })
    await stopServing()
    pool.serve(() => {
      throw new Error('secret')
    })
    port.receive(incoming(2))
    const frame = port.frame()
    expect(frame).toMatchObject({ type: FrameType.ERROR, requestId: 2, code: 'T00' })
    expect(JSON.stringify(frame)).not.toContain('secret')
    expect(logger.entries.map(entry => entry.level)).toEqual(['error', 'error'])
  })

  test('one handler at a time', async () => {
    const { pool } = setUp()
    const stopServing = pool.serve(() => Promise.resolve(testFulfill()))
    expect(() => pool.serve(() => Promise.resolve(testFulfill()))).toThrow()
    await stopServing()
    pool.serve(() => Promise.resolve(testFulfill()))
  })

  test('Fulfills that come after the session closed are told of once, as a number', async () => {
    const { pool, logger, connect } = setUp()
    const { port } = connect()
    const answers: ((reply: Reply) => void)[] = []
    pool.serve(() => new Promise(resolve => answers.push(resolve)))
    for (let id = 0; id < 4; id++) port.receive(incoming(id))
    port.drop()
    const replies = [testFulfill(), testReject(), testFulfill(), testReject()]
    for (const [i, answer] of answers.entries()) answer(replies[i] as Reply)
    await new Promise(setImmediate)
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { account: ALICE, fulfills: 2 } }])
    expect(port.frames()).toEqual([])
  })
})

test('a bug in taking a message is logged, and ends that session alone', () => {
  const logger = recordingLogger()
  const pool = createBtpPool({
    address: () => {
      throw new Error('bug')
    },
    logger,
  })
  pools.push(pool)
  const [port, other] = [new TestPort(), new TestPort()]
  pool.add(ALICE, port)
  pool.add(ALICE, other)
  port.receive(incoming(1))
  expect(port.reason).toBe('violation')
  expect(pool.count(ALICE)).toBe(1)
  expect(logger.entries).toMatchObject([{ level: 'error', fields: { err: new Error('bug') } }])
})

describe('other frames', () => {
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a type of BTP 1', Buffer.from('0300000001020100', 'hex')],
    ['a length past the end', Buffer.from('0600000001200100', 'hex')],
    ['a Response that ends too soon', Buffer.from('0100000001', 'hex')],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s is unreadable: nothing is sent, the session stays', (_name, bytes) => {
    const { pool, connect } = setUp()
    const { port } = connect()
    pool.serve(() => Promise.resolve(testFulfill()))
    void pool.send(ALICE, testPrepare())
    port.frames()
    port.receive(bytes)
    expect(port.frames()).toEqual([])
    expect(pool.stats()).toMatchObject([{ sessions: 1, pending: 1 }])
  })

  test('a Message with two sub-protocols of one name gets an Error, and the session is closed', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    port.receive(withDuplicateName(FrameType.MESSAGE, 6))
    expect(port.frame()).toMatchObject({ type: FrameType.ERROR, requestId: 6, code: 'F00' })
    expect(port.reason).toBe('violation')
    expect(pool.count(ALICE)).toBe(0)
  })

  test.each<[string, Buffer]>([
    ['an unknown primary sub-protocol', frameWith(FrameType.MESSAGE, 6, 'claim')],
    ['ilp among the secondaries only', frameWith(FrameType.MESSAGE, 6, 'claim', 'ilp')],
    ['no sub-protocol', frameWith(FrameType.MESSAGE, 6)],
    ['a second authentication', frameWith(FrameType.MESSAGE, 6, 'auth', 'auth_token')],
  ])('a Message with %s gets an Error', (_name, bytes) => {
    const { pool, connect } = setUp()
    const { port } = connect()
    port.receive(bytes)
    expect(port.frame()).toMatchObject({ type: FrameType.ERROR, requestId: 6, code: 'F00' })
    expect(pool.count(ALICE)).toBe(1)
  })

  test('a Transfer gets an Error, which says that no balance was changed', () => {
    const { connect } = setUp()
    const { port } = connect()
    port.receive(encodeFrame({ type: FrameType.TRANSFER, requestId: 8, amount: 5n, protocolData: [] }))
    expect(port.frame()).toMatchObject({ type: FrameType.ERROR, requestId: 8, code: 'F00' })
  })
})

describe('nodes with inverted types', () => {
  test('a Prepare in a Response is a request, also under the id of one of ours, and answered in a Response', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    pool.serve(() => Promise.resolve(testFulfill()))
    const ours = sent(pool.send(ALICE, testPrepare()))
    const { requestId } = port.frame()
    for (const id of [12_345, requestId]) {
      port.receive(encodeIlp(FrameType.RESPONSE, id, testPrepare()))
      await Promise.resolve()
      const frame = port.frame()
      expect(frame).toMatchObject({ type: FrameType.RESPONSE, requestId: id })
      expect(decodeReply(packetIn(frame))).toEqual(testFulfill())
    }
    expect(await isSettled(ours)).toBe(false)
  })

  test('a Fulfill or a Reject in a Message answers our request of its id; a stray one is ignored in silence', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    for (const answer of [testFulfill(), testReject()]) {
      const reply = sent(pool.send(ALICE, testPrepare()))
      const { requestId } = port.frame()
      port.receive(encodeIlp(FrameType.MESSAGE, requestId, answer))
      expect(await reply).toEqual(answer)
      port.receive(encodeIlp(FrameType.MESSAGE, requestId, answer))
    }
    expect(port.frames()).toEqual([])
  })
})

describe('the end', () => {
  test('closeAccount closes all sessions of that account and no other', async () => {
    const { pool, connect } = setUp()
    const { port: one } = connect()
    const { port: two } = connect()
    const { port: bob } = connect(BOB)
    const reply = sent(pool.send(ALICE, testPrepare()))
    pool.closeAccount(ALICE)
    expect(await rejectOf(reply)).toMatchObject({ code: 'T01' })
    expect([one.reason, two.reason, bob.reason]).toEqual(['going-away', 'going-away', undefined])
    expect([pool.count(ALICE), pool.count(BOB)]).toEqual([0, 1])
  })

  test('what ends serve refuses new Prepares with T03, and waits for those that were taken', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    let answer = (_reply: Reply) => {}
    const stopServing = pool.serve(
      () =>
        new Promise(resolve => {
          answer = resolve
        }),
    )
    port.receive(incoming(1))
    const stopped = stopServing()
    port.receive(incoming(2))
    expect(decodeReply(packetIn(port.frame()))).toMatchObject({ code: 'T03' })
    expect(await isSettled(stopped)).toBe(false)
    answer(testFulfill())
    await stopped
    expect(port.frame()).toMatchObject({ requestId: 1 })
    expect(port.reason).toBeUndefined()
  })

  test('stop refuses new Prepares with T03, lets requests be answered, then closes the ports', async () => {
    const { pool, connect } = setUp()
    const { port } = connect()
    pool.serve(() => Promise.resolve(testFulfill()))
    const reply = sent(pool.send(ALICE, testPrepare()))
    const { requestId } = port.frame()
    const stopped = pool.stop()
    await Promise.resolve()
    port.receive(incoming(2))
    expect(decodeReply(packetIn(port.frame()))).toMatchObject({ code: 'T03' })
    expect(port.reason).toBeUndefined()
    port.receive(response(requestId, testFulfill()))
    expect(await reply).toEqual(testFulfill())
    await stopped
    expect(port.reason).toBe('going-away')
    const late = new TestPort()
    pool.add(ALICE, late)
    expect(late.reason).toBe('going-away')
    expect(pool.send(ALICE, testPrepare())).toBe('no-session')
  })

  test('stop waits no longer than drainTimeoutMs', async () => {
    vi.useFakeTimers()
    const { pool, connect } = setUp({ drainTimeoutMs: 1_000 })
    const { port } = connect()
    const reply = sent(pool.send(ALICE, testPrepare()))
    const stopServing = pool.serve(() => new Promise(() => {}))
    port.receive(incoming(1))
    void stopServing()
    await vi.advanceTimersByTimeAsync(600)
    const stopped = pool.stop()
    await vi.advanceTimersByTimeAsync(399)
    expect(port.reason).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await stopped
    expect(await rejectOf(reply)).toMatchObject({ code: 'T01' })
  })
})

test('stats tell of each account what its sessions have', () => {
  const { pool, connect } = setUp()
  const { port } = connect()
  connect()
  connect(BOB)
  void pool.send(ALICE, testPrepare())
  port.unsent = 17
  expect(pool.stats()).toEqual([
    { account: ALICE, sessions: 2, pending: 1, unsentBytes: 17 },
    { account: BOB, sessions: 1, pending: 0, unsentBytes: 0 },
  ])
})

test.each([0, -1, 1.5, Number.NaN])('a limit of %s is refused', pendingMax => {
  expect(() => setUp({ pendingMax })).toThrow(RangeError)
})
