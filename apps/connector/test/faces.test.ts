import { decodeReply, isFulfill } from '@ilp/service-core'
import { testPrepare } from '@ilp/service-testing'
import { createBtpPlugin } from '@ilp/test-peers'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type RunningConnector, startConnector } from './support/connector.js'
import { ADMIN_TOKEN, tokenOf } from './support/face.js'
import { fulfilAll, outcome, post, send } from './support/packets.js'
import { account, local, usd } from './support/settings.js'

let node: RunningConnector

beforeEach(async () => {
  node = await startConnector({
    ilpAddress: 'test.node',
    defaultReceiver: 'alice',
    exchangeRates: { provider: 'static', rates: { USD: '1', EUR: '1.25' } },
    accounts: [
      local('alice'),
      account('bob'),
      account('shop'),
      account('carla', { asset: { code: 'EUR', scale: 2 } }),
    ],
  })
})

const payment = () => testPrepare({ destination: 'test.node.shop', units: 7n })

/** A problem document of this status, as RFC 9457 has it. */
async function expectProblem(response: Response, status: number, title: string): Promise<void> {
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await response.json()).toMatchObject({ type: 'about:blank', status, title })
}

describe('ILP over HTTP', () => {
  it.each([
    ['/accounts/{username}/ilp', 'bob'],
    ['/ilp', undefined],
  ])('POST %s takes packets of the account that the token belongs to', async (_, username) => {
    fulfilAll(await node.plugin('shop'))
    const response = await fetch(node.ilpUrl(username), {
      method: 'POST',
      headers: { authorization: `Bearer ${tokenOf('bob')}`, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(payment().toBuffer()),
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    const reply = decodeReply(Buffer.from(await response.arrayBuffer()))
    expect(isFulfill(reply) && reply.fulfills(payment())).toBe(true)
    expect(await node.balances('bob', 'shop')).toEqual({ bob: -7n, shop: 7n })
  })

  it('answers rejects with 200 as well', async () => {
    const reply = await post(node.ilpUrl(), tokenOf('bob'), testPrepare({ destination: 'test.elsewhere.x' }))
    expect(reply).toMatchObject({ code: 'F02', triggeredBy: 'test.node' })
  })

  it.each([
    ['no token', 'bob', {}],
    ['a wrong token', 'bob', { authorization: 'Bearer wrong' }],
    ['the token of another account', 'shop', { authorization: `Bearer ${tokenOf('bob')}` }],
    ['an account that there is not', 'nobody', { authorization: `Bearer ${tokenOf('bob')}` }],
  ])('answers %s with 401', async (_, username, headers) => {
    const response = await fetch(node.ilpUrl(username), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: new Uint8Array(payment().toBuffer()),
    })
    await expectProblem(response, 401, 'Unauthorized')
  })

  it('answers other paths with 404', async () => {
    await expectProblem(await fetch(`${node.url}/accounts/bob`), 404, 'Not Found')
  })
})

describe('BTP', () => {
  it.each([
    ['/accounts/{username}/ilp/btp', 'bob', ''],
    ['/btp, by the token alone', undefined, ''],
    ['/btp, by the token and auth_username', undefined, 'bob'],
  ])('is taken at %s, in both directions', async (_, path, username) => {
    const plugin = createBtpPlugin({ server: { url: node.btpUrl(path), token: tokenOf('bob'), username } })
    onTestFinished(() => plugin.disconnect())
    await plugin.connect()
    const shop = await node.plugin('shop')
    fulfilAll(shop)
    fulfilAll(plugin)
    expect(outcome(await send(plugin, 'test.node.shop', 5n))).toBe('fulfilled')
    expect(outcome(await send(shop, 'test.node.bob', 2n))).toBe('fulfilled')
    expect(await node.balances('bob', 'shop')).toEqual({ bob: -3n, shop: 3n })
  })

  it.each([
    ['a wrong token', 'bob', 'wrong', ''],
    ['the token of another account than the path names', 'shop', tokenOf('bob'), ''],
    ['the token of another account than auth_username names', undefined, tokenOf('bob'), 'shop'],
  ])('is refused with %s', async (_, path, token, username) => {
    const plugin = createBtpPlugin({ server: { url: node.btpUrl(path), token, username } })
    onTestFinished(() => plugin.disconnect())
    await expect(plugin.connect()).rejects.toThrow()
  })
})

describe('SPSP', () => {
  const query = (path: string, headers = {}) =>
    fetch(`${node.url}${path}`, { headers: { accept: 'application/spsp4+json', ...headers } })

  it.each(['/accounts/alice/spsp', '/.well-known/pay'])(
    'GET %s gives credentials of the local account, other ones each time',
    async path => {
      const first = await query(path)
      expect(first.headers.get('content-type')).toBe('application/spsp4+json')
      type Answer = { readonly shared_secret: string }
      const [one, two] = [await first.json(), await (await query(path)).json()] as [Answer, Answer]
      expect(one).toEqual({
        destination_account: expect.stringMatching(/^test\.node\.alice\.[\w~-]+$/),
        shared_secret: expect.stringMatching(/^[\w+/]{43}=$/),
      })
      expect(two.shared_secret).not.toBe(one.shared_secret)
    },
  )

  it('promises receipts to a verifier that asks for them', async () => {
    const response = await query('/accounts/alice/spsp', {
      'receipt-nonce': Buffer.alloc(16).toString('base64'),
      'receipt-secret': Buffer.alloc(32).toString('base64'),
    })
    expect(await response.json()).toMatchObject({ receipts_enabled: true })
  })

  it.each(['bob', 'nobody'])('knows no receiver %s', async username => {
    const response = await query(`/accounts/${username}/spsp`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ id: 'InvalidReceiverError' })
  })
})

describe('the admin listener', () => {
  it('shows balances in the unit of the account', async () => {
    fulfilAll(await node.plugin('shop'))
    await send(await node.plugin('carla'), 'test.node.shop', 4n)
    expect(await (await node.admin('/accounts/carla/balance')).json()).toEqual({
      balance: '-4',
      heldOut: '0',
      heldIn: '0',
      asset: { code: 'EUR', scale: 2 },
    })
    expect(await (await node.admin('/accounts/shop/balance')).json()).toEqual({
      balance: '50000000',
      heldOut: '0',
      heldIn: '0',
      asset: usd,
    })
    const positions = (await (await node.admin('/positions')).json()) as object[]
    expect(positions).toHaveLength(2)
    expect(positions).toEqual(
      expect.arrayContaining([
        { asset: { code: 'EUR', scale: 2 }, balance: '4', settled: '0', adjusted: '0' },
        { asset: usd, balance: '-50000000', settled: '0', adjusted: '0' },
      ]),
    )
  })

  it('is healthy, without a token', async () => {
    const response = await fetch(`${node.adminUrl}/health`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
  })

  it.each(['/accounts/bob/balance', '/positions', '/accounts/nobody/balance', '/nowhere'])(
    'answers %s with 401 unless the token is the operator’s',
    async path => {
      for (const authorization of [
        undefined,
        'Bearer wrong',
        `Basic ${ADMIN_TOKEN}`,
        `Bearer ${tokenOf('bob')}`,
      ]) {
        const headers = authorization === undefined ? {} : { authorization }
        const response = await fetch(`${node.adminUrl}${path}`, { headers })
        expect(response.headers.get('www-authenticate')).toBe('Bearer')
        await expectProblem(response, 401, 'Unauthorized')
      }
    },
  )

  it('takes the token whatever the case of its scheme', async () => {
    const headers = { authorization: `bearer ${ADMIN_TOKEN}` }
    expect((await fetch(`${node.adminUrl}/positions`, { headers })).status).toBe(200)
  })

  it('knows no account of another name, and no other path', async () => {
    await expectProblem(await node.admin('/accounts/nobody/balance'), 404, 'Not Found')
    await expectProblem(await node.admin('/accounts/bob/balances'), 404, 'Not Found')
  })

  it('is not where packets are taken, and the other way round', async () => {
    await expectProblem(await node.admin('/accounts/bob/spsp'), 404, 'Not Found')
    expect((await fetch(`${node.url}/accounts/bob/balance`)).status).toBe(404)
  })
})
