import { createListener } from '@ilp/listener'
import { query } from 'ilp-protocol-spsp'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ReceiptSetup, type SpspServerDeps, type SpspServerOptions, spspServer } from '../src/index.js'

const SECRET = Buffer.alloc(32, 0xfb)

interface Query {
  readonly username: string | undefined
  readonly receipts: ReceiptSetup | undefined
}

/** A started server that knows the default receiver and bob. */
async function start(options?: Partial<SpspServerOptions>, receiverFor?: SpspServerDeps['receiverFor']) {
  const queries: Query[] = []
  const listener = createListener({ host: '127.0.0.1', port: 0 })
  const known: SpspServerDeps['receiverFor'] = (username, receipts) => {
    queries.push({ username, receipts })
    if (username !== undefined && username !== 'bob') return undefined
    return {
      destinationAccount: `test.node.${username ?? 'alice'}.${queries.length}`,
      sharedSecret: SECRET,
      ...(receipts && { receiptsEnabled: true }),
    }
  }
  const server = spspServer({ listener, receiverFor: receiverFor ?? known }, options)
  await server.start()
  await listener.start()
  onTestFinished(async () => {
    await listener.stop()
    await server.stop()
  })
  return { url: listener.url(), queries, server }
}

const SPSP = { accept: 'application/spsp4+json' }

describe('a query', () => {
  test('gets the receiver’s credentials, other ones each time', async () => {
    const { url, queries } = await start()
    const response = await fetch(`${url}/accounts/bob/spsp`, { headers: SPSP })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/spsp4+json'])
    expect(await response.json()).toEqual({
      destination_account: 'test.node.bob.1',
      shared_secret: SECRET.toString('base64'),
    })
    const again = await fetch(`${url}/accounts/bob/spsp`, { headers: SPSP })
    expect(await again.json()).toMatchObject({ destination_account: 'test.node.bob.2' })
    expect(queries).toEqual(Array(2).fill({ username: 'bob', receipts: undefined }))
  })

  test('at /.well-known/pay is for the default receiver', async () => {
    const { url, queries } = await start()
    const response = await fetch(`${url}/.well-known/pay`, { headers: SPSP })
    expect(await response.json()).toMatchObject({ destination_account: 'test.node.alice.1' })
    expect(queries).toEqual([{ username: undefined, receipts: undefined }])
  })

  test('of npm’s ilp-protocol-spsp is understood', async () => {
    const { url } = await start()
    for (const [path, name] of [
      ['/accounts/bob/spsp', 'bob'],
      ['/', 'alice'],
    ]) {
      expect(await query(url + path)).toMatchObject({
        destination_account: expect.stringContaining(`test.node.${name}.`),
        shared_secret: SECRET.toString('base64'),
        content_type: 'application/spsp4+json',
      })
    }
    await expect(query(`${url}/accounts/carol/spsp`)).rejects.toThrow('InvalidReceiverError')
  })

  test('for nobody is answered with 404, as RFC 9 has it', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/accounts/carol/spsp`, { headers: SPSP })
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/spsp4+json'])
    expect(await response.json()).toEqual({ id: 'InvalidReceiverError', message: 'Invalid receiver ID' })
  })

  test('that asks for another type is answered with 406', async () => {
    const { url, queries } = await start()
    const response = await fetch(`${url}/accounts/bob/spsp`, { headers: { accept: 'text/html' } })
    expect([response.status, response.headers.get('content-type')]).toEqual([406, 'application/problem+json'])
    expect(queries).toEqual([])
  })

  test('may be a HEAD, and nothing else', async () => {
    const { url } = await start()
    const head = await fetch(`${url}/accounts/bob/spsp`, { method: 'HEAD' })
    const get = await fetch(`${url}/accounts/bob/spsp`)
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['content-type', 'cache-control', 'vary', 'content-length']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
    expect((await fetch(`${url}/accounts/bob/spsp`, { method: 'POST' })).status).toBe(405)
  })
})

describe('receipts', () => {
  const nonce = Buffer.alloc(16, 1)
  const secret = Buffer.alloc(32, 2)
  const headers = {
    ...SPSP,
    'receipt-nonce': nonce.toString('base64'),
    'receipt-secret': secret.toString('base64'),
  }

  test('are set up as the verifier asks', async () => {
    const { url, queries } = await start()
    const response = await fetch(`${url}/accounts/bob/spsp`, { headers })
    expect(await response.json()).toMatchObject({ receipts_enabled: true })
    expect(response.headers.get('cache-control')).toBe('no-cache, no-store')
    expect(queries).toEqual([{ username: 'bob', receipts: { nonce, secret } }])
  })

  test('are never taken for those of another query by a cache', async () => {
    const { url } = await start()
    for (const asked of [SPSP, headers]) {
      const response = await fetch(`${url}/accounts/bob/spsp`, { headers: asked })
      expect(response.headers.get('vary')).toBe('Accept, Receipt-Nonce, Receipt-Secret')
    }
  })

  test('may be asked for in base64url and without padding', async () => {
    const { url, queries } = await start()
    const odd = { nonce: Buffer.alloc(16, 0xfb), secret: Buffer.alloc(32, 0xff) }
    await fetch(`${url}/accounts/bob/spsp`, {
      headers: {
        'receipt-nonce': odd.nonce.toString('base64url'),
        'receipt-secret': odd.secret.toString('base64url'),
      },
    })
    expect(queries).toEqual([{ username: 'bob', receipts: odd }])
  })

  test.each([
    ['a nonce alone', { 'receipt-nonce': nonce.toString('base64') }],
    ['a secret alone', { 'receipt-secret': secret.toString('base64') }],
    ['a short nonce', { ...headers, 'receipt-nonce': 'AAAA' }],
    ['a long secret', { ...headers, 'receipt-secret': Buffer.alloc(33).toString('base64') }],
    ['no base64', { ...headers, 'receipt-nonce': '!' }],
    [
      'base64 with something in between',
      { ...headers, 'receipt-nonce': `${'A'.repeat(11)}!${'A'.repeat(11)}==` },
    ],
    ['base64 with something behind', { ...headers, 'receipt-secret': `${headers['receipt-secret']}, AAAA` }],
  ])('are refused with %s', async (_, wrong) => {
    const { url, queries } = await start()
    const response = await fetch(`${url}/accounts/bob/spsp`, { headers: wrong })
    expect(response.status).toBe(400)
    expect(queries).toEqual([])
  })
})

describe('a browser', () => {
  test('may ask from any page', async () => {
    const { url } = await start()
    const preflight = await fetch(`${url}/accounts/bob/spsp`, { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    const answers = [
      preflight,
      await fetch(`${url}/accounts/bob/spsp`),
      await fetch(`${url}/accounts/carol/spsp`),
      await fetch(`${url}/.well-known/pay`, { headers: { accept: 'text/html' } }),
      await fetch(`${url}/.well-known/pay`, { method: 'OPTIONS' }),
    ]
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-allow-headers')).toBe('web-monetization-id')
    }
  })
})

describe('an answer', () => {
  const cacheControl = async (options?: Partial<SpspServerOptions>) =>
    (await fetch(`${(await start(options)).url}/.well-known/pay`)).headers.get('cache-control')

  test('may be kept by its client alone, for a minute or as long as the options say', async () => {
    expect(await cacheControl()).toBe('private, max-age=60')
    expect(await cacheControl({ maxAgeMs: 5_000 })).toBe('private, max-age=5')
    expect(await cacheControl({ maxAgeMs: 0 })).toBe('no-cache, no-store')
  })

  test('that has no credentials is not kept', async () => {
    const { url } = await start()
    for (const [path, accept] of [
      ['/accounts/carol/spsp', 'application/spsp4+json'],
      ['/accounts/bob/spsp', 'text/html'],
    ] as const) {
      const { headers } = await fetch(url + path, { headers: { accept } })
      expect(headers.get('cache-control')).toBe('no-cache, no-store')
    }
  })

  test('is kept for whole seconds', () => {
    const deps = { listener: { handle: () => () => {} }, receiverFor: () => undefined }
    for (const maxAgeMs of [-1_000, 1, 1_500, Number.NaN]) {
      expect(() => spspServer(deps, { maxAgeMs })).toThrow(RangeError)
    }
  })
})

test('a receiver that cannot be asked makes the answer 500, which says nothing', async () => {
  const { url } = await start({}, () => {
    throw new Error('secret')
  })
  const response = await fetch(`${url}/.well-known/pay`)
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
})

test('a server that has stopped answers no more', async () => {
  const { url, server } = await start()
  await server.stop()
  expect((await fetch(`${url}/.well-known/pay`)).status).toBe(503)
  expect((await fetch(`${url}/accounts/bob/spsp`)).status).toBe(503)
})
