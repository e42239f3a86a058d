import { beforeEach, describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { fulfilAll, HeldPackets, outcome, send } from '../support/packets.js'
import { account, local, usd } from '../support/settings.js'

const NEW = {
  username: 'carol',
  relation: 'child',
  asset: usd,
  minBalance: '-1000',
  http: { incomingTokens: ['carols-token'] },
  btp: { incomingTokens: [tokenOf('carol')] },
}

let node: RunningConnector
let api: AdminApi
beforeEach(async () => {
  node = await startConnector({ ilpAddress: 'test.node', accounts: [account('bob'), local('alice')] })
  api = await AdminApi.of(node)
})

/** The status of an empty post of packets with this token: 400 for an account's, 401 for nobody's. */
const postStatus = async (token: string) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
  const { status } = await fetch(node.ilpUrl(), { method: 'POST', headers, body: 'no packet' })
  return status
}

describe('an account that the API makes', () => {
  it('takes part at once, and shows no tokens', async () => {
    const { status, body, headers } = await api.post('/accounts', NEW)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe('/accounts/carol')
    expect(body).toMatchObject({
      username: 'carol',
      origin: 'api',
      isDisabled: false,
      minBalance: '-1000',
      http: {},
      btp: {},
    })
    expect(JSON.stringify(body)).not.toContain('token')
    expect((await api.get('/accounts/carol')).body).toEqual(body)

    fulfilAll(await node.plugin('bob'))
    const carol = await node.plugin('carol')
    expect(outcome(await send(carol, 'test.node.bob', 1_000n))).toBe('fulfilled')
    expect(outcome(await send(carol, 'test.node.bob', 1n))).toBe('T04')
    expect((await api.get('/accounts/carol/balance')).body).toEqual({
      balance: '-1000',
      heldOut: '0',
      heldIn: '0',
      asset: usd,
    })
  })

  it('is made once for each idempotency key', async () => {
    const first = await api.post('/accounts', NEW, 'key')
    const [second, third] = await Promise.all([
      api.post('/accounts', NEW, 'key'),
      api.post('/accounts', NEW, 'key'),
    ])
    expect(first.status).toBe(201)
    for (const again of [second, third]) expect(again).toMatchObject({ status: 201, body: first.body })
    expect((await api.post('/accounts', { ...NEW, username: 'dora' }, 'key')).status).toBe(422)
    expect((await api.post('/accounts', NEW, 'other')).status).toBe(409)
    expect((await api.post('/accounts', NEW, 'x'.repeat(256))).status).toBe(400)
    await api.patch('/accounts/carol', { minBalance: '-5' })
    expect((await api.post('/accounts', NEW, 'key')).body.minBalance).toBe('-5')
    expect((await api.delete('/accounts/carol')).status).toBe(204)
    expect((await api.post('/accounts', NEW, 'key')).status).toBe(409)
  })

  it.each([
    ['a username that is taken', { username: 'bob', http: undefined, btp: undefined }, 409],
    ['an id that is taken', { id: 'bob', http: undefined, btp: undefined }, 409],
    ['a token that is taken', { btp: { incomingTokens: [tokenOf('bob')] } }, 409],
    ['a token that is taken for another kind of link', { http: { incomingTokens: [tokenOf('bob')] } }, 409],
    ['an engine where nothing is settled', { settlement: { engineUrl: 'http://127.0.0.1:1' } }, 409],
    ['limits that do not go together', { maxBalance: '-1001' }, 400],
    ['an unknown setting', { minimumBalance: '0' }, 400],
    ['an amount that is a number', { minBalance: -1000 }, 400],
    ['no asset', { asset: undefined }, 400],
  ])('has not %s', async (_, change, status) => {
    const before = (await api.get('/accounts')).body
    const refused = await api.post('/accounts', { ...NEW, ...change })
    expect(refused.status).toBe(status)
    expect((await api.get('/accounts')).body).toEqual(before)
  })

  it('says where a setting is wrong', async () => {
    const { body } = await api.post('/accounts', {
      ...NEW,
      btp: { tokens: [] },
      asset: { code: 'USD', scale: 256 },
    })
    expect(body.errors.map(({ path }: { path: string }) => path).toSorted()).toEqual([
      'asset.scale',
      'btp.tokens',
    ])
  })

  it('changes in what is said, and keeps the rest', async () => {
    await api.post('/accounts', { ...NEW, maxBalance: '5' })
    fulfilAll(await node.plugin('bob'))
    const carol = await node.plugin('carol')
    expect(outcome(await send(carol, 'test.node.bob', 1_001n))).toBe('T04')
    const changed = await api.patch('/accounts/carol', { minBalance: '-2000', maxBalance: null })
    expect(changed).toMatchObject({ status: 200, body: { minBalance: '-2000', relation: 'child' } })
    expect(changed.body.maxBalance).toBeUndefined()
    expect(outcome(await send(carol, 'test.node.bob', 1_001n))).toBe('fulfilled')
    expect((await api.patch('/accounts/carol', { maxBalance: '-3000' })).status).toBe(400)
    expect((await api.patch('/accounts/carol', { relation: null })).status).toBe(400)
    expect((await api.patch('/accounts/carol', { asset: usd })).status).toBe(400)
    expect((await api.patch('/accounts/carol', { btp: { incomingTokens: [tokenOf('bob')] } })).status).toBe(
      409,
    )
    expect((await api.patch('/accounts/dora', {})).status).toBe(404)
    expect((await api.get('/accounts/carol')).body).toEqual(changed.body)
  })

  it('keeps its tokens until a change names others, and loses them with the link', async () => {
    await api.post('/accounts', NEW)
    await api.patch('/accounts/carol', { http: { outgoing: { url: 'http://127.0.0.1:1' } } })
    expect(await postStatus('carols-token')).toBe(400)
    await api.patch('/accounts/carol', { http: { incomingTokens: ['another'] } })
    expect([await postStatus('carols-token'), await postStatus('another')]).toEqual([401, 400])
    await api.patch('/accounts/carol', { http: null })
    expect(await postStatus('another')).toBe(401)
  })

  it('gets new tokens, and keeps of the old ones those that are named', async () => {
    await api.post('/accounts', NEW)
    const first = await api.post('/accounts/carol/tokens', { link: 'http', keep: ['carols-token'] })
    expect(first.status).toBe(201)
    expect([await postStatus(first.body.token), await postStatus('carols-token')]).toEqual([400, 400])
    const second = await api.post('/accounts/carol/tokens', { link: 'http' })
    expect([await postStatus(second.body.token), await postStatus(first.body.token)]).toEqual([400, 401])
    const strange = { link: 'http', keep: [tokenOf('bob')] }
    expect((await api.post('/accounts/carol/tokens', strange)).status).toBe(409)
    expect(await postStatus(second.body.token)).toBe(400)
  })

  it('takes part in nothing while it is disabled', async () => {
    await api.post('/accounts', NEW)
    const [bob, carol] = [await node.plugin('bob'), await node.plugin('carol')]
    fulfilAll(bob)
    fulfilAll(carol)
    const both = async () => [
      outcome(await send(carol, 'test.node.bob', 1n)),
      outcome(await send(bob, 'test.node.carol', 1n)),
    ]
    await api.patch('/accounts/carol', { isDisabled: true })
    expect(await both()).toEqual(['F00', 'F02'])
    await api.patch('/accounts/carol', { isDisabled: false })
    expect(await both()).toEqual(['fulfilled', 'fulfilled'])
  })
})

describe('a deletion', () => {
  it('lets packets in flight end, and leaves the account disabled until they have', async () => {
    await api.post('/accounts', NEW)
    const held = new HeldPackets(await node.plugin('bob'))
    const carol = await node.plugin('carol')
    const reply = send(carol, 'test.node.bob', 10n)
    const [packet] = await held.take(1)
    expect((await api.delete('/accounts/carol?waitMs=0')).status).toBe(409)
    expect((await api.get('/accounts/carol')).body.isDisabled).toBe(true)
    expect(outcome(await send(carol, 'test.node.bob', 1n))).toBe('F00')
    packet?.fulfil()
    expect(outcome(await reply)).toBe('fulfilled')
    const refused = await api.delete('/accounts/carol')
    expect(refused).toMatchObject({ status: 409, body: { detail: 'it is disabled; its balance is -10' } })
    expect(
      (await api.post('/accounts/carol/adjustments', { amount: '10', reason: 'paid by bank' }, 'k')).status,
    ).toBe(201)
    expect((await api.delete('/accounts/carol')).status).toBe(204)
    expect((await api.get('/accounts/carol')).status).toBe(404)
    expect(await postStatus('carols-token')).toBe(401)
  })

  it('writes off what is left, when there is a reason', async () => {
    await api.post('/accounts', NEW)
    fulfilAll(await node.plugin('bob'))
    await send(await node.plugin('carol'), 'test.node.bob', 10n)
    await api.post('/routes', { prefix: 'test.far', account: 'carol' })
    expect((await api.delete('/accounts/carol?writeOff=bankrupt')).status).toBe(204)
    expect((await api.get('/positions')).body).toEqual([
      { asset: usd, balance: '0', settled: '0', adjusted: '-10' },
    ])
    expect((await api.get('/routes?origin=static')).body).toEqual([])
  })

  it('lets an account of the same name be made again, under another id', async () => {
    const first = await api.post('/accounts', NEW)
    await api.delete('/accounts/carol')
    const second = await api.post('/accounts', NEW)
    expect(second.status).toBe(201)
    expect(second.body.id).not.toBe(first.body.id)
  })
})

describe('accounts of the configuration file', () => {
  it('can only be read', async () => {
    expect((await api.get('/accounts/bob')).body).toMatchObject({
      origin: 'file',
      minBalance: '-1000000000000',
    })
    expect((await api.patch('/accounts/bob', { maxBalance: '1' })).status).toBe(409)
    expect((await api.delete('/accounts/bob')).status).toBe(409)
    expect((await api.post('/accounts/bob/tokens', { link: 'btp' })).status).toBe(409)
  })
})

describe('the list of accounts', () => {
  it('comes in pages, and as the query wants it', async () => {
    for (const username of ['dora', 'carol', 'emil']) {
      await api.post('/accounts', { username, relation: 'peer', asset: { code: 'EUR', scale: 2 } })
    }
    const names = async (query: string) =>
      (await api.get(`/accounts${query}`)).body.map(({ username }: { username: string }) => username)
    expect(await names('')).toEqual(['alice', 'bob', 'carol', 'dora', 'emil'])
    expect(await names('?origin=file')).toEqual(['alice', 'bob'])
    expect(await names('?relation=local')).toEqual(['alice'])
    await api.patch('/accounts/dora', { isDisabled: true })
    expect(await names('?assetCode=EUR&isDisabled=false')).toEqual(['carol', 'emil'])

    const seen: string[] = []
    let next: string | undefined = '/accounts?assetCode=EUR&limit=2'
    while (next !== undefined) {
      const { body, headers } = await api.get(next)
      seen.push(body.map(({ username }: { username: string }) => username).join())
      next = /^<(.+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    }
    expect(seen).toEqual(['carol,dora', 'emil'])
    for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?size=1']) {
      expect((await api.get(`/accounts${query}`)).status).toBe(400)
    }
  })
})

it('an account that is dialled is dialled from the moment it is made', async () => {
  const far = await startConnector({ ilpAddress: 'test.far', accounts: [account('node')] })
  const btp = { outgoing: { url: far.btpUrl('node'), token: tokenOf('node') } }
  await api.post('/accounts', { ...NEW, ilpAddress: 'test.far', relation: 'peer', btp })
  const links = async () => (await api.get('/connections')).body
  await eventually(links).toMatchObject([
    { account: 'carol', isUp: true, dials: far.btpUrl('node'), sessions: 1 },
  ])
  expect((await api.post('/accounts/carol/reconnect')).status).toBe(202)
  await node.linkUp((await api.get('/accounts/carol')).body.id, 2)
  await eventually(links).toMatchObject([{ account: 'carol', isUp: true, sessions: 1 }])
})
