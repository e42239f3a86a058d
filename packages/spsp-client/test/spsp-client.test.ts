import { describe, expect, it, onTestFinished } from 'vitest'
import { createSpspClient, type SpspClientOptions } from '../src/index.js'
import { answerSpsp, client, endpoint, LOCAL, redirect, SECRET } from './endpoint.js'

describe('a query', () => {
  it('gets the receiver’s address and secret', async () => {
    const { origin, requests } = await endpoint((_, response) => answerSpsp(response))
    expect(await client().query(`${origin}/alice?x=y`)).toEqual({
      destinationAddress: 'test.alice',
      sharedSecret: SECRET,
      receiptsEnabled: false,
      maxAgeMs: 60_000,
      hops: [new URL(`${origin}/alice?x=y`)],
    })
    const [{ method, url, headers } = {}] = requests
    expect([method, url, headers?.accept]).toEqual([
      'GET',
      '/alice?x=y',
      'application/spsp4+json, application/spsp+json',
    ])
    expect(headers).not.toHaveProperty('receipt-nonce')
  })

  it('of a payment pointer goes to the origin that stands in for its host', async () => {
    const { origin, requests } = await endpoint((_, response) => answerSpsp(response))
    const { query } = client({ ...LOCAL, origins: { 'shop.example': origin } })
    for (const pointer of [
      '$shop.example',
      '$SHOP.example/',
      '$shop.example/bob',
      '$shop.example//evil.example/',
    ]) {
      await query(pointer)
    }
    expect(requests.map(({ url }) => url)).toEqual([
      '/.well-known/pay',
      '/.well-known/pay',
      '/bob',
      '//evil.example/',
    ])
  })

  it('asks each time, since every answer has a secret of its own', async () => {
    const { origin, requests } = await endpoint((_, response) => answerSpsp(response))
    const { query } = client()
    await Promise.all([query(origin), query(origin)])
    await query(origin)
    expect(requests).toHaveLength(3)
  })

  it('asks for receipts with the verifier’s nonce and secret', async () => {
    const { origin, requests } = await endpoint((_, response) =>
      answerSpsp(response, { receipts_enabled: true }),
    )
    const receipts = { nonce: new Uint8Array(16).fill(0xfa), secret: new Uint8Array(32).fill(0xfe) }
    expect(await client().query(origin, { receipts })).toMatchObject({ receiptsEnabled: true })
    expect(requests[0]?.headers).toMatchObject({
      'receipt-nonce': '+vr6+vr6+vr6+vr6+vr6+g==',
      'receipt-secret': '/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v4=',
    })
  })

  it.each([
    [15, 32],
    [16, 33],
  ])('can’t be made with a nonce of %i octets and a secret of %i', async (nonce, secret) => {
    const receipts = { nonce: new Uint8Array(nonce), secret: new Uint8Array(secret) }
    await expect(client().query('$shop.example', { receipts })).rejects.toThrow(RangeError)
  })

  it.each([
    '',
    'alice',
    '$',
    '$shop.example:80',
    'http://shop.example',
    'ftp://shop.example',
    'https://a@b.example',
  ])('of %j asks nobody', async pointer => {
    const error = { code: 'ERR_SPSP_POINTER_INVALID', hops: [], status: undefined }
    await expect(client({}).query(pointer)).rejects.toMatchObject(error)
  })
})

describe('an endpoint', () => {
  it('that knows no such receiver', async () => {
    const { origin } = await endpoint((_, response) => {
      response.writeHead(404, { 'content-type': 'application/spsp4+json' })
      response.end('{"id":"InvalidReceiverError","message":"Invalid receiver ID"}')
    })
    await expect(client().query(origin)).rejects.toMatchObject({
      name: 'SpspError',
      code: 'ERR_SPSP_RECEIVER_UNKNOWN',
      status: 404,
      hops: [new URL(origin)],
    })
  })

  it.each([201, 204, 300, 304, 401, 406, 429, 500, 503])('that answers with status %i', async status => {
    const { origin } = await endpoint((_, response) => {
      response.writeHead(status, { location: '/elsewhere' })
      response.end()
    })
    await expect(client().query(origin)).rejects.toMatchObject({ code: 'ERR_SPSP_STATUS', status })
  })

  it.each<[string, object]>([
    ['no address', { destination_account: undefined }],
    ['no ILP address', { destination_account: 'https://example.com' }],
    ['a short secret', { shared_secret: 'AAAA' }],
  ])('whose answer has %s', async (_, fields) => {
    const { origin } = await endpoint((_request, response) => answerSpsp(response, fields))
    await expect(client().query(origin)).rejects.toMatchObject({
      code: 'ERR_SPSP_ANSWER_INVALID',
      status: 200,
    })
  })

  it('that answers in another type', async () => {
    const { origin } = await endpoint((_, response) => response.end('<html>'))
    await expect(client().query(origin)).rejects.toMatchObject({ code: 'ERR_SPSP_ANSWER_INVALID' })
  })

  it.each([200, 302, 404, 500])('that never ends what it says with status %i', async status => {
    const { origin } = await endpoint((_, response) => {
      response.writeHead(status, {
        'content-type': 'application/spsp4+json',
        location: 'http://127.0.0.1:1/',
      })
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      }
      response.on('drain', pour)
      pour()
    })
    const code = {
      200: 'ERR_SPSP_ANSWER_INVALID',
      302: 'ERR_SPSP_UNREACHABLE',
      404: 'ERR_SPSP_RECEIVER_UNKNOWN',
      500: 'ERR_SPSP_STATUS',
    }[status]
    await expect(client().query(origin)).rejects.toMatchObject({ code })
  })

  it('that says too much, or just enough', async () => {
    const { origin } = await endpoint((_, response) => answerSpsp(response, { more: 'x'.repeat(1_000) }))
    const limited = (bodyBytesMax: number) => client({ ...LOCAL, bodyBytesMax }).query(origin)
    await expect(limited(1_000)).rejects.toMatchObject({ code: 'ERR_SPSP_ANSWER_INVALID' })
    await expect(limited(2_000)).resolves.toMatchObject({ destinationAddress: 'test.alice' })
  })

  it('that is not there, or hangs up', async () => {
    const { origin } = await endpoint(({ url }, response) => {
      if (url === '/head') response.destroy()
      response.writeHead(200, { 'content-type': 'application/spsp4+json', 'content-length': 1_000 })
      response.write('{', () => response.destroy())
    })
    const { query } = client()
    for (const url of [`${origin}/head`, `${origin}/body`, 'http://127.0.0.1:1/']) {
      await expect(query(url)).rejects.toMatchObject({ code: 'ERR_SPSP_UNREACHABLE', hops: [new URL(url)] })
    }
  })
})

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('with status %i are followed, and told', async status => {
    const last = await endpoint((_, response) => answerSpsp(response))
    const first = await endpoint(({ url }, response) =>
      redirect(response, url === '/alice' ? 'further' : `${last.origin}/bob#part`, status),
    )
    const { hops } = await client().query(`${first.origin}/alice`)
    expect(hops.map(({ href }) => href)).toEqual([
      `${first.origin}/alice`,
      `${first.origin}/further`,
      `${last.origin}/bob`,
    ])
  })

  it('carry what the verifier says', async () => {
    const { origin, requests } = await endpoint(({ url }, response) =>
      url === '/' ? redirect(response, '/bob') : answerSpsp(response),
    )
    await client().query(origin, { receipts: { nonce: new Uint8Array(16), secret: new Uint8Array(32) } })
    expect(requests[1]?.headers).toMatchObject({ 'receipt-nonce': 'AAAAAAAAAAAAAAAAAAAAAA==' })
  })

  it('are followed as often as the options say', async () => {
    const { origin, requests } = await endpoint(({ url }, response) => redirect(response, `${url}a`))
    const error = { code: 'ERR_SPSP_REDIRECTS_EXCEEDED', status: 302 }
    await expect(client().query(origin)).rejects.toMatchObject(error)
    expect(requests).toHaveLength(6)
    await expect(client({ ...LOCAL, redirectsMax: 0 }).query(origin)).rejects.toMatchObject(error)
    expect(requests).toHaveLength(7)
  })

  it.each(['ftp://127.0.0.1/', 'http://shop.example@127.0.0.1/', 'http://', `/${'a'.repeat(3_000)}`])(
    'to %.40s are not followed',
    async location => {
      const { origin } = await endpoint((_, response) => redirect(response, location))
      await expect(client().query(origin)).rejects.toMatchObject({
        code: 'ERR_SPSP_REDIRECT_INVALID',
        hops: [new URL(origin)],
      })
    },
  )
})

describe('time', () => {
  const silent = () => {}

  it('ends a query whose endpoint says nothing, or never all of it', async () => {
    const { origin } = await endpoint(({ url }, response) => {
      if (url !== '/slow') return
      response.writeHead(200, { 'content-type': 'application/spsp4+json' })
      response.write('{')
    })
    const { query } = client({ ...LOCAL, timeoutMs: 100 })
    await Promise.all(
      [`${origin}/silent`, `${origin}/slow`].map(url =>
        expect(query(url)).rejects.toMatchObject({ code: 'ERR_SPSP_TIMED_OUT', hops: [new URL(url)] }),
      ),
    )
  })

  it('ends a query whose host is looked up for ever', async () => {
    const { query } = client({ timeoutMs: 50 }, { resolve: () => new Promise(silent) })
    await expect(query('$shop.example')).rejects.toMatchObject({ code: 'ERR_SPSP_TIMED_OUT' })
  })

  it('is one for all redirects together', async () => {
    const { origin } = await endpoint((_, response) => void setTimeout(() => redirect(response, '/'), 40))
    const { query } = client({ ...LOCAL, timeoutMs: 100, redirectsMax: 1_000 })
    await expect(query(origin)).rejects.toMatchObject({ code: 'ERR_SPSP_TIMED_OUT' })
  })
})

describe('the end of a query', () => {
  it('comes with its signal, which may have been aborted before', async () => {
    const controller = new AbortController()
    const { origin, requests } = await endpoint(() => controller.abort(new Error('never mind')))
    const { query } = client()
    const error = { code: 'ERR_SPSP_CANCELLED', cause: new Error('never mind') }
    await expect(query(origin, { signal: controller.signal })).rejects.toMatchObject(error)
    await expect(query(origin, { signal: controller.signal })).rejects.toMatchObject(error)
    expect(requests).toHaveLength(1)
  })

  it('comes for all queries under way at once, however many there are, with no warning of a leak', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    onTestFinished(() => void process.off('warning', onWarning))
    const { origin } = await endpoint(() => {})
    const spsp = client()
    const queries = Promise.allSettled(Array.from({ length: 30 }, () => spsp.query(origin)))
    await spsp.stop()
    for (const outcome of await queries) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_SPSP_CANCELLED' } })
    }
    // Warnings are emitted in a later turn.
    await new Promise(resolve => setImmediate(resolve))
    expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([])
  })

  it('comes with the client’s stop, and a stopped client asks nobody', async () => {
    const { origin, requests } = await endpoint(() => void spsp.stop())
    const spsp = client()
    await expect(spsp.query(origin)).rejects.toMatchObject({ code: 'ERR_SPSP_CANCELLED' })
    await expect(spsp.query(origin)).rejects.toMatchObject({ code: 'ERR_SPSP_CANCELLED' })
    expect(requests).toHaveLength(1)
  })
})

describe('options', () => {
  it.each<Partial<SpspClientOptions>>([
    { redirectsMax: -1 },
    { redirectsMax: 1.5 },
    { timeoutMs: 0 },
    { bodyBytesMax: 0 },
    { connectionsMax: 0 },
    { origins: { 'shop.example': 'shop.local' } },
    { origins: { 'shop.example': 'https://shop.local/' } },
    { origins: { 'shop.example': 'https://shop.local/path' } },
    { origins: { 'shop.example': 'http://shop.local' } },
    { origins: { 'Shop.example': 'https://shop.local' } },
    { origins: { 'shop.example:80': 'https://shop.local' } },
    { origins: { 'shop.example': 'ftp://shop.local' }, allowHttp: true },
  ])('can’t be %j', options => expect(() => createSpspClient({}, options)).toThrow(RangeError))
})
