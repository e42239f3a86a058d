import { generate } from 'selfsigned'
import { Agent } from 'undici'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { guardedConnect, type Resolve } from '../src/connect.js'
import { SPSP_CLIENT_DEFAULTS } from '../src/index.js'
import { Walk } from '../src/walk.js'
import { answerSpsp, client, endpoint, redirect } from './endpoint.js'

describe('an address of this machine or a private network', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '[::ffff:127.0.0.1]',
    '0x7f.1',
    '2130706433',
    '[::1]',
    '169.254.169.254',
  ])('is not connected to when it is named as %s', async host => {
    const { port, requests } = await endpoint((_, response) => answerSpsp(response))
    const { query } = client({ allowHttp: true })
    await expect(query(`http://${host}:${port}/`)).rejects.toMatchObject({ code: 'ERR_SPSP_ADDRESS_REFUSED' })
    expect(requests).toEqual([])
  })

  it.each([[['127.0.0.1']], [['::ffff:127.0.0.1']], [['10.0.0.1', 'fd00::1', '::1']], [[]]])(
    'is not connected to when a name resolves to %j',
    async addresses => {
      const { port, requests } = await endpoint((_, response) => answerSpsp(response))
      const { query } = client({ allowHttp: true }, { resolve: async () => addresses })
      const asked = query(`http://shop.example:${port}/`)
      await expect(asked).rejects.toMatchObject({ code: 'ERR_SPSP_ADDRESS_REFUSED' })
      await expect(query('$shop.example')).rejects.toMatchObject({ code: 'ERR_SPSP_ADDRESS_REFUSED' })
      expect(requests).toEqual([])
    },
  )
})

describe('a host that may be asked', () => {
  /** What a query gets when 127.0.0.1 alone may be connected to. */
  function ask(url: string, resolve: Resolve = async () => ['127.0.0.1']) {
    const connect = guardedConnect({
      resolve,
      isAllowed: address => address === '127.0.0.1',
      ca: undefined,
      timeoutMs: 10_000,
    })
    const dispatcher = new Agent({ connect })
    onTestFinished(() => dispatcher.destroy())
    const settings = { ...SPSP_CLIENT_DEFAULTS, allowHttp: true }
    return new Walk({ dispatcher, settings }, new URL(url), {}, new AbortController().signal).answer()
  }

  it.each(['127.0.0.2', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', 'metadata.example'])(
    'can’t send queries on to %s',
    async host => {
      const { port, requests } = await endpoint((_, response) =>
        redirect(response, `http://${host}:${port}/secrets`),
      )
      const resolve: Resolve = async name => [name === 'metadata.example' ? '169.254.169.254' : '127.0.0.1']
      await expect(ask(`http://shop.example:${port}/`, resolve)).rejects.toMatchObject({
        code: 'ERR_SPSP_ADDRESS_REFUSED',
        hops: [new URL(`http://shop.example:${port}/`), new URL(`http://${host}:${port}/secrets`)],
      })
      expect(requests).toHaveLength(1)
    },
  )

  it('is looked up once a connection, and refused when it has moved', async () => {
    const looked: string[] = []
    const { port, requests } = await endpoint((_, response) => {
      response.setHeader('connection', 'close')
      redirect(response, '/again')
    })
    const resolve: Resolve = async name => {
      looked.push(name)
      return [looked.length === 1 ? '127.0.0.1' : '127.0.0.2']
    }
    await expect(ask(`http://shop.example:${port}/`, resolve)).rejects.toMatchObject({
      code: 'ERR_SPSP_ADDRESS_REFUSED',
    })
    expect(looked).toEqual(['shop.example', 'shop.example'])
    expect(requests).toHaveLength(1)
  })

  it('is asked at the addresses that are left', async () => {
    const { port } = await endpoint((_, response) => answerSpsp(response))
    await expect(
      ask(`http://shop.example:${port}/`, async () => ['10.0.0.1', '127.0.0.1', '::1']),
    ).resolves.toMatchObject({ destinationAddress: 'test.alice' })
  })
})

describe('over TLS', () => {
  let tls: { readonly cert: string; readonly key: string }
  beforeAll(async () => {
    const extensions = [
      { name: 'basicConstraints' as const, cA: true },
      { name: 'subjectAltName' as const, altNames: [{ type: 2 as const, value: 'shop.example' }] },
    ]
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'shop.example' }], {
      extensions,
    })
    tls = { cert, key }
  })

  const secureClient = () =>
    client({ allowPrivateAddresses: true, ca: tls.cert }, { resolve: async () => ['127.0.0.1'] })

  it('the host proves who it is, to the authorities that are given', async () => {
    const { port } = await endpoint((_, response) => answerSpsp(response), tls)
    const url = `https://shop.example:${port}/`
    await expect(secureClient().query(url)).resolves.toMatchObject({ hops: [new URL(url)] })
    const distrusting = client({ allowPrivateAddresses: true }, { resolve: async () => ['127.0.0.1'] })
    await expect(distrusting.query(url)).rejects.toMatchObject({ code: 'ERR_SPSP_UNREACHABLE' })
  })

  it('a host that proves to be another is not believed', async () => {
    const { port, requests } = await endpoint((_, response) => answerSpsp(response), tls)
    const asked = secureClient().query(`https://bank.example:${port}/`)
    await expect(asked).rejects.toMatchObject({ code: 'ERR_SPSP_UNREACHABLE' })
    expect(requests).toEqual([])
  })

  it('no redirect leads to clear text', async () => {
    const open = await endpoint((_, response) => answerSpsp(response))
    const { port } = await endpoint((_, response) => redirect(response, open.origin), tls)
    const url = `https://shop.example:${port}/`
    await expect(secureClient().query(url)).rejects.toMatchObject({ code: 'ERR_SPSP_REDIRECT_INVALID' })
    expect(open.requests).toEqual([])
  })

  it('a payment pointer’s host can be asked at another origin', async () => {
    const { port } = await endpoint((_, response) => answerSpsp(response), tls)
    const origins = { 'pay.example': `https://shop.example:${port}` }
    const options = { allowPrivateAddresses: true, ca: tls.cert, origins }
    const { hops } = await client(options, { resolve: async () => ['127.0.0.1'] }).query('$pay.example/bob')
    expect(hops.map(({ href }) => href)).toEqual([`https://shop.example:${port}/bob`])
  })
})
