import { decodeReply, PACKET_LENGTH_MAX, Reject } from '@ilp/service-core'
import { TEST_FULFILLMENT, testAccount, testFulfill, testPrepare, testReject } from '@ilp/service-testing'
import { Client } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HTTP_SERVER_DEFAULTS, httpServer } from '../src/index.js'
import { HEADERS, post, startNode } from './helpers.js'

let node: Awaited<ReturnType<typeof startNode>>

beforeEach(async () => {
  node = await startNode()
})
afterEach(() => node.stop())

const replyIn = async (response: Response) => decodeReply(Buffer.from(await response.arrayBuffer()))

/** The status of a refusal, whose body is a problem document. */
async function refusal(response: Response): Promise<number> {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ type: 'about:blank', status: response.status })
  return response.status
}

describe('a packet', () => {
  test.each(['/ilp', '/accounts/alice/ilp'])('posted to %s enters the chain with its account', async path => {
    const prepare = testPrepare({ data: Buffer.from('hello') })
    const response = post(node.url + path, prepare)
    const { request, fulfill } = await node.next()
    expect(request.from).toMatchObject(testAccount('alice'))
    expect(request.prepare.toBuffer()).toEqual(prepare.toBuffer())
    fulfill()
    const { status, headers } = await response
    expect([status, headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(await replyIn(await response)).toMatchObject({ fulfillment: Buffer.from(TEST_FULFILLMENT) })
  })

  test('that is rejected is answered with 200, and the reject as it is', async () => {
    const reject = testReject({ code: 'X17', message: 'odd', data: Buffer.alloc(32_767, 7) })
    const response = post(`${node.url}/ilp`, testPrepare())
    ;(await node.next()).answer(reject)
    expect((await response).status).toBe(200)
    expect(Buffer.from(await (await response).arrayBuffer())).toEqual(reject.toBuffer())
  })

  test('may have any amount, any expiry and the most data', async () => {
    for (const fields of [
      { units: 0n },
      { units: 2n ** 64n - 1n },
      { expiresAt: new Date('9999-12-31T23:59:59.999Z') },
      { expiresAt: new Date(0) },
      { data: Buffer.alloc(32_767, 1) },
      { destination: `test.${'x'.repeat(1_018)}` },
      { destination: 'peer.config' },
    ]) {
      const prepare = testPrepare(fields)
      const response = post(`${node.url}/ilp`, prepare)
      const { request, fulfill } = await node.next()
      expect(request.prepare.toBuffer()).toEqual(prepare.toBuffer())
      fulfill()
      expect((await response).status).toBe(200)
    }
  })

  test('may come as ilp-plugin-http calls it, and with parameters', async () => {
    for (const type of ['application/ilp+octet-stream', 'Application/Octet-Stream; x=y']) {
      const response = post(`${node.url}/ilp`, testPrepare(), { ...HEADERS, 'content-type': type })
      ;(await node.next()).fulfill()
      expect((await response).status).toBe(200)
    }
  })

  test('comes from the account that its token belongs to', async () => {
    for (const [authorization, username] of [
      ['bearer alice-second', 'alice'],
      ['BEARER bob-token', 'bob'],
    ] as const) {
      const response = post(`${node.url}/ilp`, testPrepare(), { ...HEADERS, authorization })
      const { request, fulfill } = await node.next()
      expect(request.from.username).toBe(username)
      fulfill()
      await response
    }
  })

  test('whose chain throws is answered with 500, which says nothing, and is logged', async () => {
    const response = post(`${node.url}/ilp`, testPrepare())
    const error = new Error('secret')
    ;(await node.next()).fail(error)
    expect((await response).status).toBe(500)
    expect(await (await response).text()).not.toContain('secret')
    expect(node.logger.entries).toEqual([
      { level: 'error', fields: { err: error, account: 'alice' }, message: expect.any(String) },
    ])
  })
})

describe('401', () => {
  const statusFor = async (path: string, authorization?: string) => {
    const { authorization: _, ...rest } = HEADERS
    const response = await post(node.url + path, testPrepare(), {
      ...rest,
      ...(authorization && { authorization }),
    })
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    return refusal(response)
  }

  test('for no token, a wrong one, and another scheme', async () => {
    expect(await statusFor('/ilp')).toBe(401)
    expect(await statusFor('/ilp', 'Bearer wrong')).toBe(401)
    expect(await statusFor('/ilp', 'alice-token')).toBe(401)
    expect(await statusFor('/ilp', 'Basic alice-token')).toBe(401)
    expect(node.waiting()).toBe(0)
  })

  test('the same for a token of another account, for no such account, and for a wrong token', async () => {
    const answers = await Promise.all(
      [
        ['/accounts/bob/ilp', 'Bearer alice-token'],
        ['/accounts/nobody/ilp', 'Bearer alice-token'],
        ['/accounts/alice/ilp', 'Bearer wrong'],
      ].map(async ([path, authorization]) => {
        const response = await post(node.url + path, testPrepare(), {
          ...HEADERS,
          authorization: authorization ?? '',
        })
        const { date, ...headers } = Object.fromEntries(response.headers)
        return { status: response.status, headers, body: await response.text() }
      }),
    )
    expect(answers[0]?.status).toBe(401)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
    expect(node.waiting()).toBe(0)
  })

  test('as soon as the token is taken back, or its account removed', async () => {
    const { accounts, credentials } = node.store
    await credentials.setIncomingTokens(testAccount('alice').id, 'http', ['alice-second'])
    expect(await statusFor('/ilp', 'Bearer alice-token')).toBe(401)
    await accounts.remove(testAccount('alice').id)
    expect(await statusFor('/ilp', 'Bearer alice-second')).toBe(401)
  })

  test('also on a connection that the token was good on before, and for other tokens there', async () => {
    const client = new Client(node.url, { pipelining: 1 })
    const statusOf = async (authorization: string): Promise<number> => {
      const headers = { ...HEADERS, authorization, 'content-type': 'text/plain' }
      const { statusCode, body } = await client.request({ method: 'POST', path: '/ilp', headers, body: 'x' })
      await body.dump()
      return statusCode
    }
    expect(await statusOf('Bearer alice-token')).toBe(415)
    for (const other of ['Bearer alice-tokem', 'Bearer alice-toke', 'Bearer alice-tokenn', 'Bearer ', ''])
      expect(await statusOf(other)).toBe(401)
    expect(await statusOf('Bearer bob-token')).toBe(415)
    await node.store.credentials.setIncomingTokens(testAccount('bob').id, 'http', [])
    expect(await statusOf('Bearer bob-token')).toBe(401)
    await client.close()
  })

  test('for a token of another kind of link', async () => {
    await node.store.credentials.setIncomingTokens(testAccount('bob').id, 'btp', ['btp-token'])
    expect(await statusFor('/ilp', 'Bearer btp-token')).toBe(401)
  })
})

describe('415', () => {
  test.each(['application/json', 'text/plain', ''])('for %j', async type => {
    const response = await post(`${node.url}/ilp`, testPrepare(), { ...HEADERS, 'content-type': type })
    expect(await refusal(response)).toBe(415)
    expect(node.waiting()).toBe(0)
  })
})

describe('400', () => {
  const packet = testPrepare().toBuffer()

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['garbage', Buffer.from('garbage')],
    ['a Fulfill', testFulfill().toBuffer()],
    ['a Reject', testReject().toBuffer()],
    ['a truncated Prepare', packet.subarray(0, -1)],
    ['a Prepare with 32,768 octets of data', oversized()],
  ])('for %s', async (_, bytes) => {
    expect(await refusal(await post(`${node.url}/ilp`, new Uint8Array(bytes)))).toBe(400)
    expect(node.waiting()).toBe(0)
  })

  test('not for octets behind the packet', async () => {
    const response = post(`${node.url}/ilp`, new Uint8Array(Buffer.concat([packet, Buffer.from('more')])))
    ;(await node.next()).fulfill()
    expect((await response).status).toBe(200)
  })
})

/** A Prepare whose data is one octet longer than it may be. */
function oversized(): Buffer {
  const bytes = testPrepare({ data: Buffer.alloc(32_767) }).toBuffer()
  const grown = Buffer.concat([bytes, Buffer.alloc(1)])
  grown.writeUInt16BE(grown.readUInt16BE(2) + 1, 2)
  grown.writeUInt16BE(32_768, grown.length - 32_770)
  return grown
}

describe('a chain that is not ready', () => {
  test('makes packets wait, and lets them in when it is', async () => {
    let ready: (() => void) | undefined
    await using other = await startNode({
      ready: () =>
        new Promise(resolve => {
          ready = resolve
        }),
    })
    const response = post(`${other.url}/ilp`, testPrepare())
    await expect.poll(() => ready).toBeDefined()
    expect(other.waiting()).toBe(0)
    ready?.()
    ;(await other.next()).fulfill()
    expect((await response).status).toBe(200)
  })

  test('makes packets rejected with T03 when it is not within the time', async () => {
    await using other = await startNode({
      server: { readyTimeoutMs: 20 },
      ready: () => Promise.reject(new Error('store lost')),
    })
    const reply = await replyIn(await post(`${other.url}/ilp`, testPrepare()))
    expect(reply).toBeInstanceOf(Reject)
    expect(reply).toMatchObject({ code: 'T03', triggeredBy: 'test.node' })
    expect(other.waiting()).toBe(0)
  })
})

test('the default limit has room for the largest packet', () => {
  expect(HTTP_SERVER_DEFAULTS.bodyBytesMax).toBeGreaterThan(PACKET_LENGTH_MAX)
})

test.each(Object.keys(HTTP_SERVER_DEFAULTS))('%s is a whole number above zero', name => {
  const deps = {
    listener: { handle: () => () => {} },
    accounts: { get: () => undefined },
    authenticate: () => undefined,
    address: () => 'test.node',
  }
  for (const wrong of [0, -1, 1.5, Number.NaN]) {
    expect(() => httpServer(deps, { [name]: wrong })).toThrow(`${name} is ${wrong}`)
  }
})
