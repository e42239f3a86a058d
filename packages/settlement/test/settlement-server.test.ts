import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { createListener } from '@ilp/listener'
import { type OutgoingRequest, sequence } from '@ilp/service-core'
import { recordingLogger, scriptedService, testAccount, testFulfill, testReject } from '@ilp/service-testing'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type SettlementAccount, type SettlementServerOptions, settlementServer } from '../src/index.js'
import { settled, startScene } from './scene.js'

const alice = settled('alice', { engineUrl: 'http://127.0.0.1:1' })
const self = testAccount('self', { relation: 'local' })

async function startServer(options: Partial<SettlementServerOptions> = {}, token?: string) {
  const scene = await startScene()
  await scene.put(alice, settled('bob', { engineUrl: 'http://127.0.0.1:1' }), testAccount('nobody'))
  const outgoing = scriptedService<OutgoingRequest<SettlementAccount>>()
  const logger = recordingLogger()
  const listener = createListener({ host: '127.0.0.1', port: 0 }, { stopTimeoutMs: 100 })
  const server = settlementServer(
    { accounts: scene.accounts, store: scene.store, listener, outgoing, selfFor: () => self, token, logger },
    { creditTimeoutMs: 300, ...options },
  )
  const parts = sequence([server, listener])
  onTestFinished(() => parts.stop())
  await parts.start()
  const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(`${listener.url()}${path}`, { method: 'POST', body, headers })
  /** An engine's word that something was received. */
  const say = (key: string, body: unknown, account = 'alice') =>
    post(`/accounts/${account}/settlements`, typeof body === 'string' ? body : JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': key,
    })
  return { scene, outgoing, logger, listener, server, post, say }
}

const quantity = (amount: string, scale: unknown = 9) => ({ amount, scale })

describe('a settlement that came in', () => {
  test('is credited, and answered with what was taken', async () => {
    const { scene, say } = await startServer()
    const response = await say('key-1', quantity('1500'))
    expect(response.status).toBe(201)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual({ amount: '1500', scale: 9 })
    expect(await scene.balanceOf(alice)).toBe(1_500n)
  })

  test('of another scale is credited in whole units, and all of it is taken', async () => {
    const { scene, say } = await startServer()
    expect(await (await say('a', quantity('19', 10))).json()).toEqual({ amount: '19', scale: 10 })
    expect(await scene.balanceOf(alice)).toBe(1n)
    await say('b', quantity('1', 10))
    expect(await scene.balanceOf(alice)).toBe(2n)
    await say('c', quantity('1', 0))
    expect(await scene.balanceOf(alice)).toBe(1_000_000_002n)
  })

  test('is credited once, however often it is told, with one answer', async () => {
    const { scene, say } = await startServer()
    const answers = await Promise.all(Array.from({ length: 20 }, () => say('key', quantity('7'))))
    const seen = await Promise.all(answers.map(async answer => `${answer.status} ${await answer.text()}`))
    expect(new Set(seen)).toEqual(new Set(['201 {"amount":"7","scale":9}']))
    expect(await scene.balanceOf(alice)).toBe(7n)
  })

  test('is refused under a key that was for another one', async () => {
    const { scene, say } = await startServer()
    await say('key', quantity('7'))
    for (const response of [
      await say('key', quantity('8')),
      await say('key', quantity('7', 8)),
      await say('key', quantity('7'), 'bob'),
    ]) {
      expect(response.status).toBe(409)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    }
    expect(await scene.balanceOf(alice)).toBe(7n)
  })

  test('of nothing is fine', async () => {
    const { say } = await startServer()
    expect((await say('key', quantity('0', 0))).status).toBe(201)
  })

  test.each(['unknown', 'nobody', '..', '%2e%2e', 'a%2Fb', '%00', '%ff', '%E0%A4%A', '__proto__', 'ALICE'])(
    'for %s is answered with 404',
    async account => {
      const { say } = await startServer()
      expect((await say('key', quantity('7'), account)).status).toBe(404)
    },
  )

  test('finds an account whose id is percent-encoded', async () => {
    const { scene, say } = await startServer()
    expect((await say('key', quantity('7'), '%61lice')).status).toBe(201)
    expect(await scene.balanceOf(alice)).toBe(7n)
  })

  test.each([undefined, '', 'a b', 'a, b', 'ü', 'x'.repeat(256)])(
    'under the key %j is refused',
    async key => {
      const { post, scene } = await startServer()
      const response = await post(
        '/accounts/alice/settlements',
        JSON.stringify(quantity('7')),
        key === undefined ? {} : { 'idempotency-key': key },
      )
      expect(response.status).toBe(400)
      expect(scene.calls).toEqual([])
    },
  )

  test.each([
    ['no JSON', 'seven'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '7'],
    ['an amount that is a number', '{"amount":7,"scale":9}'],
    ['a negative amount', '{"amount":"-7","scale":9}'],
    ['a signed amount', '{"amount":"+7","scale":9}'],
    ['an amount with a point', '{"amount":"7.0","scale":9}'],
    ['an amount in hexadecimal', '{"amount":"0x7","scale":9}'],
    ['an amount with an exponent', '{"amount":"7e3","scale":9}'],
    ['an amount of other digits', '{"amount":"７","scale":9}'],
    ['an amount with a line break', '{"amount":"7\\n","scale":9}'],
    ['an empty amount', '{"amount":"","scale":9}'],
    ['an amount of 101 digits', `{"amount":"${'7'.repeat(101)}","scale":9}`],
    ['no amount', '{"scale":9}'],
    ['no scale', '{"amount":"7"}'],
    ['a scale in a string', '{"amount":"7","scale":"9"}'],
    ['a scale below zero', '{"amount":"7","scale":-1}'],
    ['a scale above 255', '{"amount":"7","scale":256}'],
    ['a scale that is not whole', '{"amount":"7","scale":1.5}'],
    ['a scale that is too large for a number', '{"amount":"7","scale":1e400}'],
    ['a scale that is null', '{"amount":"7","scale":null}'],
    ['a quantity that is inherited', '{"__proto__":{"amount":"7","scale":9}}'],
  ])('as %s is refused', async (_, body) => {
    const { say, scene } = await startServer()
    const response = await say('key', body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ status: 400 })
    expect(scene.calls).toEqual([])
  })

  test('may have 100 digits, and any scale', async () => {
    const { say, scene } = await startServer()
    const amount = '9'.repeat(100)
    expect(await (await say('key', quantity(amount, 255))).json()).toEqual(quantity(amount, 255))
    expect((await say('more', quantity(amount, 0))).status).toBe(201)
    expect(await scene.balanceOf(alice)).toBe(BigInt(amount) * 10n ** 9n)
  })

  test('has a body of bounded size, however it comes', async () => {
    const { listener, say, scene } = await startServer()
    expect((await say('key', `{"amount":"7","scale":9,"x":"${'x'.repeat(5_000)}"}`)).status).toBe(413)
    const socket = connect(Number(new URL(listener.url()).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /accounts/alice/settlements HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\n')
    socket.write('Transfer-Encoding: chunked\r\n\r\n')
    for (let i = 0; i < 5; i++) socket.write(`400\r\n${' '.repeat(1_024)}\r\n`)
    expect(await text(socket)).toMatch(/^HTTP\/1.1 413 /)
    expect(scene.calls).toEqual([])
  })

  test('sums up exactly over any quantities, keys and repetitions', async () => {
    const said = fc.record({
      key: fc.integer({ min: 0, max: 9 }),
      amount: fc.bigInt(0n, 10n ** 40n),
      scale: fc.integer({ min: 0, max: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 12 }), async all => {
        const { scene, say } = await startServer()
        const first = new Map<number, (typeof all)[number]>()
        for (const each of all) {
          const former = first.get(each.key) ?? each
          first.set(each.key, former)
          const same = former.amount === each.amount && former.scale === each.scale
          const { status } = await say(`key-${each.key}`, quantity(each.amount.toString(), each.scale))
          expect(status).toBe(same ? 201 : 409)
        }
        const total = [...first.values()].reduce(
          (sum, { amount, scale }) => sum + amount * 10n ** BigInt(20 - scale),
          0n,
        )
        expect(await scene.balanceOf(alice)).toBe(total / 10n ** 11n)
      }),
      { numRuns: 20 },
    )
  })
})

describe('while the store is out of reach', () => {
  test('a settlement waits for it', async () => {
    const { scene, say } = await startServer({ creditTimeoutMs: 5_000 })
    let left = 2
    scene.fails = () => (left-- > 0 ? 'behind' : undefined)
    expect((await say('key', quantity('7'))).status).toBe(201)
    expect(await scene.balanceOf(alice)).toBe(7n)
  })

  test('and doesn’t come back, the engine is to try again', async () => {
    const { logger, scene, say } = await startServer()
    scene.fails = () => 'behind'
    const response = await say('key', quantity('7'))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { account: 'alice' } }])
    scene.fails = () => undefined
    expect((await say('key', quantity('7'))).status).toBe(201)
    expect(await scene.balanceOf(alice)).toBe(7n)
  })

  test('a stop does not wait for it', async () => {
    const { scene, say, server } = await startServer({ creditTimeoutMs: 60_000 })
    scene.fails = () => 'before'
    const answer = say('key', quantity('7'))
    await expect.poll(() => scene.calls.length, { interval: 2 }).toBeGreaterThan(0)
    await server.stop()
    expect((await answer).status).toBe(503)
  })
})

test('a store that can lose what it acknowledged takes no settlement, unless that was asked for', async () => {
  const { logger, scene, say } = await startServer()
  scene.loses = 'everything'
  expect((await say('key', quantity('7'))).status).toBe(503)
  expect(scene.calls).toEqual([])
  expect(logger.entries).toMatchObject([
    { level: 'error', fields: { account: 'alice', loses: 'everything' } },
  ])
  const willing = await startServer({ allowVolatileSettlement: true })
  willing.scene.loses = 'everything'
  expect((await willing.say('key', quantity('7'))).status).toBe(201)
})

describe('a message to the peer’s engine', () => {
  test('goes to the peer as a Prepare from the node itself, and its answer comes back raw', async () => {
    const { outgoing, post } = await startServer({ messageTimeoutMs: 4_000 })
    const message = new Uint8Array([0, 255, 10, 13])
    const answer = post('/accounts/alice/messages', message, { 'content-type': 'application/octet-stream' })
    const { request, answer: reply } = await outgoing.next()
    expect(request).toMatchObject({ from: self, to: alice, incomingAmount: 0n })
    expect(request.prepare).toMatchObject({ units: 0n, destination: 'peer.settle' })
    expect(request.prepare.conditionHex()).toBe(
      '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    )
    expect(request.prepare.data).toEqual(Buffer.from(message))
    const leftMs = request.prepare.expiresAtMs - Date.now()
    expect(leftMs).toBeLessThanOrEqual(4_000)
    expect(leftMs).toBeGreaterThan(2_000)
    reply(testFulfill({ data: Buffer.from([1, 0, 2]) }))
    const response = await answer
    expect([response.status, response.headers.get('content-type')]).toEqual([201, 'application/octet-stream'])
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([1, 0, 2]))
  })

  test('that is rejected gets the data of the Reject, or its code', async () => {
    const { outgoing, post } = await startServer()
    const first = post('/accounts/alice/messages', 'hello')
    ;(await outgoing.next()).answer(testReject({ data: Buffer.from('the engine’s own words') }))
    expect((await first).status).toBe(502)
    expect(await (await first).text()).toBe('the engine’s own words')
    const second = post('/accounts/alice/messages', 'hello')
    ;(await outgoing.next()).answer(testReject({ code: 'T01', message: 'away' }))
    expect(await (await second).json()).toMatchObject({
      status: 502,
      detail: 'the message was rejected with T01: away',
    })
  })

  test('may be empty, and may have 32,767 octets', async () => {
    const { outgoing, post } = await startServer()
    for (const size of [0, 32_767]) {
      const answer = post('/accounts/alice/messages', new Uint8Array(size))
      const { request, fulfill } = await outgoing.next()
      expect(request.prepare.data).toHaveLength(size)
      fulfill()
      expect((await answer).status).toBe(201)
    }
    expect((await post('/accounts/alice/messages', new Uint8Array(32_768))).status).toBe(413)
    expect(outgoing.waiting()).toBe(0)
  })

  test('to an account without an engine is answered with 404', async () => {
    const { outgoing, post } = await startServer()
    for (const id of ['nobody', 'unknown'])
      expect((await post(`/accounts/${id}/messages`, 'x')).status).toBe(404)
    expect(outgoing.waiting()).toBe(0)
  })

  test('that a bug keeps from being answered gets 500, and nothing of the bug', async () => {
    const { logger, outgoing, post } = await startServer()
    const answer = post('/accounts/alice/messages', 'hello')
    ;(await outgoing.next()).fail(new Error('secret'))
    expect((await answer).status).toBe(500)
    expect(await (await answer).text()).not.toContain('secret')
    expect(logger.entries).toMatchObject([{ level: 'error' }])
  })
})

test('with a token, engines have to present it', async () => {
  const { post, say, scene } = await startServer({}, 'the-token')
  expect((await say('key', quantity('7'))).status).toBe(401)
  const body = JSON.stringify(quantity('7'))
  for (const [authorization, status] of [
    ['Bearer the-tokem', 401],
    ['Bearer the-token2', 401],
    ['Basic the-token', 401],
    ['', 401],
    ['bearer the-token', 201],
  ] as const) {
    const response = await post('/accounts/alice/settlements', body, {
      'idempotency-key': 'k',
      authorization,
    })
    expect([authorization, response.status]).toEqual([authorization, status])
  }
  expect(await scene.balanceOf(alice)).toBe(7n)
})

test('a client that goes away in the middle of its body leaves no trace', async () => {
  const { listener, logger, say, scene } = await startServer()
  const socket = connect(Number(new URL(listener.url()).port), '127.0.0.1')
  socket.write(
    'POST /accounts/alice/settlements HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 50\r\n\r\n{"amo',
  )
  await new Promise(resolve => setTimeout(resolve, 20))
  socket.destroy()
  expect((await say('key', quantity('7'))).status).toBe(201)
  expect([scene.calls, logger.entries]).toEqual([['credit'], []])
})

test.each([{ messageTimeoutMs: 0 }, { creditTimeoutMs: 1.5 }])(
  'the options %j are refused',
  async options => {
    await expect(startServer(options)).rejects.toThrow(RangeError)
  },
)
