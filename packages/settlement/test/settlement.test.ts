import type { IncomingRequest, PrepareFields } from '@ilp/service-core'
import { scriptedService, testPrepare } from '@ilp/service-testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createEngineClient,
  type EngineClientOptions,
  type SettlementAccount,
  settlement,
} from '../src/index.js'
import { type FakeEngine, startEngine, type Verdict } from './fake-engine.js'
import { settled } from './scene.js'

const ZERO_CONDITION = Buffer.from('66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925', 'hex')
const PRINTED_CONDITION = Buffer.from(
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'hex',
)

const messagePrepare = (fields: Partial<PrepareFields> = {}) =>
  testPrepare({
    units: 0n,
    destination: 'peer.settle',
    executionCondition: ZERO_CONDITION,
    data: Buffer.from('hello'),
    ...fields,
  })

async function setUp(answer?: Verdict, client: Partial<EngineClientOptions> = {}) {
  const engine = await startEngine()
  if (answer) engine.judge = ({ path }) => (path.endsWith('/messages') ? answer : undefined)
  const engines = createEngineClient({}, client)
  onTestFinished(() => engines.stop())
  const inner = scriptedService<IncomingRequest<SettlementAccount>>()
  const service = settlement({ engines })(inner)
  const alice = settled('alice', { engineUrl: engine.url })
  const say = (fields: Partial<PrepareFields> = {}, from = alice) =>
    service.call({ from, prepare: messagePrepare(fields) })
  return { alice, engine, inner, service, say }
}

const messages = ({ requests }: FakeEngine) => requests.filter(({ path }) => path.endsWith('/messages'))

describe('a message from the peer’s engine', () => {
  test.each([
    ['as deployed', ZERO_CONDITION],
    ['as RFC 38 has it', PRINTED_CONDITION],
  ])('reaches ours, and is answered with its reply: condition %s', async (_, executionCondition) => {
    const { engine, inner, say } = await setUp({ status: 201, body: Buffer.from([0, 1, 255]) })
    const reply = await say({ executionCondition, data: Buffer.from([9, 0, 9]) })
    expect(reply).toMatchObject({ type: 13, fulfillment: Buffer.alloc(32), data: Buffer.from([0, 1, 255]) })
    expect(messages(engine)).toMatchObject([
      { method: 'POST', path: '/accounts/alice/messages', body: Buffer.from([9, 0, 9]) },
    ])
    expect(inner.waiting()).toBe(0)
  })

  test('may be empty, and so may its reply', async () => {
    const { say } = await setUp({ status: 200 })
    expect(await say({ data: Buffer.alloc(0) })).toMatchObject({ type: 13, data: Buffer.alloc(0) })
  })

  test('may have 32,767 octets, and so may its reply', async () => {
    const { engine, say } = await setUp({ status: 201, body: Buffer.alloc(32_767, 3) })
    expect(await say({ data: Buffer.alloc(32_767, 4) })).toMatchObject({ data: Buffer.alloc(32_767, 3) })
    expect(messages(engine)[0]?.body).toEqual(Buffer.alloc(32_767, 4))
  })

  const T00 = { type: 14, code: 'T00', triggeredBy: 'peer.settle' }
  const T01 = { type: 14, code: 'T01', triggeredBy: 'peer.settle' }
  const F00 = { type: 14, code: 'F00', triggeredBy: 'peer.settle' }

  test.each<[string, Verdict, object]>([
    ['refuses', { status: 400, body: 'why' }, { ...F00, data: Buffer.from('why') }],
    ['refuses with no word', { status: 422 }, F00],
    ['fails', { status: 500, body: 'how' }, { ...T00, data: Buffer.from('how') }],
    ['is asked too much', { status: 429 }, T00],
    ['sends elsewhere', { status: 307 }, T00],
    ['hangs up', 'cut', T01],
    ['says more than a packet holds', { status: 201, body: Buffer.alloc(32_768) }, T01],
    ['says much more than a packet holds', { status: 500, body: Buffer.alloc(2 ** 22) }, T01],
  ])('that the engine %s is rejected', async (_, verdict, reject) => {
    const { engine, inner, say } = await setUp(verdict)
    expect(await say()).toMatchObject(reject)
    expect(messages(engine)).toHaveLength(1)
    expect(inner.waiting()).toBe(0)
  })

  test('is rejected when the engine is away', async () => {
    const { engine, say } = await setUp()
    await engine.stop()
    expect(await say()).toMatchObject(T01)
  })

  test('is rejected before it expires, and before the engine takes too long', async () => {
    const { engine, say } = await setUp('silent', { answerTimeoutMs: 100 })
    const expiresAt = new Date(Date.now() + 5_000)
    expect(await say({ expiresAt })).toMatchObject(T01)
    expect(Date.now()).toBeLessThan(expiresAt.getTime() - 2_000)
    const soon = new Date(Date.now() + 90)
    expect(await say({ expiresAt: soon })).toMatchObject(T01)
    expect(messages(engine).length).toBeGreaterThanOrEqual(1)
  })

  test('that is about to expire doesn’t reach the engine', async () => {
    const { engine, say } = await setUp()
    expect(await say({ expiresAt: new Date(Date.now() + 20) })).toMatchObject({ type: 14, code: 'R02' })
    expect(engine.requests).toEqual([])
  })

  test('for an account that the engine has forgotten is delivered once it is told', async () => {
    const { engine, say } = await setUp()
    engine.judge = ({ path }) =>
      path.endsWith('/messages') && !engine.accounts.has('alice') ? { status: 404 } : undefined
    expect(await say()).toMatchObject({ type: 13 })
    expect(engine.asked).toEqual([
      'POST /accounts/alice/messages',
      'POST /accounts',
      'POST /accounts/alice/messages',
    ])
  })

  test('is rejected where the account has no engine, or is disabled', async () => {
    const { alice, engine, inner, say } = await setUp()
    const F02 = { type: 14, code: 'F02', triggeredBy: 'peer.settle' }
    expect(await say({}, { ...alice, settlement: undefined })).toMatchObject(F02)
    expect(await say({}, { ...alice, isDisabled: true })).toMatchObject(F02)
    expect([engine.requests, inner.waiting()]).toEqual([[], 0])
  })

  test.each<[string, Partial<PrepareFields>]>([
    ['money', { units: 1n }],
    ['another condition', { executionCondition: Buffer.alloc(32, 1) }],
  ])('with %s is refused', async (_, fields) => {
    const { engine, inner, say } = await setUp()
    expect(await say(fields)).toMatchObject(F00)
    expect([engine.requests, inner.waiting()]).toEqual([[], 0])
  })

  test('waits for no more than sixteen others of its account', async () => {
    const { alice, engine, say } = await setUp('silent', { answerTimeoutMs: 2_000 })
    const first = Array.from({ length: 16 }, () => say())
    expect(await say()).toMatchObject({ code: 'T03' })
    await engine.until(() => messages(engine).length === 16)
    const other = say({}, settled('bob', { engineUrl: engine.url }))
    await engine.until(() => messages(engine).length === 17)
    for (const reply of await Promise.all([...first, other])) expect(reply).toMatchObject(T01)
    engine.judge = () => undefined
    expect(await say({}, alice)).toMatchObject({ type: 13 })
  })
})

test('all other packets are passed on as they are', async () => {
  const { alice, engine, inner, service } = await setUp()
  for (const destination of ['test.bob', 'peer.config', 'peer.settlement', 'peer.settle.alice']) {
    const request = { from: alice, prepare: messagePrepare({ destination }) }
    const reply = service.call(request)
    const call = await inner.next()
    expect(call.request).toBe(request)
    call.reject('F99')
    expect(await reply).toMatchObject({ code: 'F99' })
  }
  expect(engine.requests).toEqual([])
  const promise = Promise.resolve(undefined as never)
  const passing = settlement({ engines: undefined as never })({ ready: () => promise, call: () => promise })
  expect(passing.call({ from: alice, prepare: testPrepare() })).toBe(promise)
})

test.each([{ messagesMax: 0 }, { messagesMax: 1.5 }])('the options %j are refused', options => {
  expect(() => settlement({ engines: undefined as never }, options)).toThrow(RangeError)
})
