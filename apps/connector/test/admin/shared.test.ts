import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testPrepare } from '@ilp/service-testing'
import { redisServer } from '@ilp/test-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { fulfilAll, HeldPackets, outcome, send } from '../support/packets.js'
import { account, local, type Settings, usd } from '../support/settings.js'

const NEW = {
  username: 'carol',
  relation: 'child',
  asset: usd,
  minBalance: '-1000',
  btp: { incomingTokens: [tokenOf('carol')] },
}

async function start(store: string, more: Settings = {}) {
  const accounts = [account('bob')]
  const node = await startConnector({ ilpAddress: 'test.node', store, accounts, ...more })
  return { node, api: await AdminApi.of(node) }
}

describe('two processes on one store', () => {
  it('both have what the API of one of them has made, changed and deleted', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const [one, other] = [await start(store), await start(store)]
    fulfilAll(await other.node.plugin('bob'))
    await one.api.post('/accounts', NEW)
    const carol = async () => (await other.api.get('/accounts/carol')).status
    await eventually(carol).toBe(200)
    const plugin = await other.node.plugin('carol')
    const far = async () => outcome(await send(plugin, 'test.far.shop', 1n))
    await one.api.post('/routes', { prefix: 'test.far', account: 'bob' })
    await eventually(far).toBe('fulfilled')
    await one.api.patch('/accounts/carol', { minBalance: '0' })
    await eventually(far).toBe('T04')
    await one.api.delete('/routes?prefix=test.far')
    await eventually(far).toBe('F02')
    expect((await one.api.delete('/accounts/carol?writeOff=a+test')).status).toBe(204)
    await eventually(carol).toBe(404)
  })

  it('both let in, keep out and count what one of them was told', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const [one, other] = [await start(store), await start(store)]
    await one.api.post('/accounts', NEW)
    await eventually(async () => (await other.api.get('/accounts/carol')).status).toBe(200)

    const { token } = (await one.api.post('/accounts/carol/tokens', { link: 'http' })).body
    const prepare = testPrepare({ destination: 'test.node.nobody' })
    const status = async () => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }
      const body = new Uint8Array(prepare.toBuffer())
      return (await fetch(other.node.ilpUrl('carol'), { method: 'POST', headers, body })).status
    }
    await eventually(status).toBe(200)
    await one.api.post('/accounts/carol/tokens', { link: 'http' })
    await eventually(status).toBe(401)

    const carol = await other.node.plugin('carol')
    const answer = async () => outcome(await send(carol, 'test.node.nobody', 1n))
    expect(await answer()).toBe('F02')
    await one.api.patch('/accounts/carol', { isDisabled: true })
    await eventually(answer).toBe('F00')

    const adjustment = { amount: '70', reason: 'a bank transfer' }
    for (const { api } of [one, other, one]) {
      expect((await api.post('/accounts/carol/adjustments', adjustment, 'key')).status).toBe(201)
    }
    const another = { ...adjustment, amount: '71' }
    expect((await other.api.post('/accounts/carol/adjustments', another, 'key')).status).toBe(422)
    for (const { node, api } of [one, other]) {
      expect((await node.balance('carol')).balance).toBe(70n)
      expect((await api.get('/accounts/carol/adjustments')).body).toMatchObject([adjustment])
      expect((await api.get('/positions')).body).toMatchObject([{ adjusted: '-70' }])
    }
  })

  it('make a payment once, and show one outbox', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const engine = { engineUrl: 'http://127.0.0.1:1', settleThreshold: '50' }
    const more = {
      accounts: [local('alice'), account('bob', { settlement: engine })],
      allowVolatileSettlement: true,
      payments: { allowHttp: true, allowPrivateAddresses: true },
    }
    const [one, other] = [await start(store, more), await start(store, more)]
    const order = { pointer: 'http://127.0.0.1:1/shop', amount: { source: '10' } }
    const paid = await Promise.all(
      [one, other].map(({ api }) => api.post('/accounts/alice/payments', order, 'key')),
    )
    expect(paid.map(({ status }) => status).toSorted()).toEqual([202, 409])

    fulfilAll(await other.node.plugin('bob'))
    await send(await other.node.plugin('alice'), 'test.node.bob', 70n)
    for (const { api } of [one, other]) {
      await eventually(async () => (await api.get('/settlement')).body).toMatchObject({
        outbox: [{ account: 'bob', amount: '70' }],
        outboxSize: 1,
      })
    }
  })

  it('wait for packets in flight in either of them before an account is deleted', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const [one, other] = [await start(store), await start(store)]
    await one.api.post('/accounts', NEW)
    await eventually(async () => (await other.api.get('/accounts/carol')).body.isDisabled).toBe(false)
    const held = new HeldPackets(await other.node.plugin('bob'))
    const reply = send(await other.node.plugin('carol'), 'test.node.bob', 10n)
    const [packet] = await held.take(1)
    expect((await one.api.delete('/accounts/carol?waitMs=0&writeOff=a+test')).status).toBe(409)
    const deletion = one.api.delete('/accounts/carol?writeOff=a+test')
    packet?.fulfil()
    expect(outcome(await reply)).toBe('fulfilled')
    expect((await deletion).status).toBe(204)
    expect((await one.api.get('/positions')).body).toMatchObject([{ balance: '0', adjusted: '-10' }])
  })

  it('make one account of a request that both get at the same time', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const [one, other] = [await start(store), await start(store)]
    const made = await Promise.all([one, other].map(({ api }) => api.post('/accounts', NEW, 'key')))
    expect(made.map(({ status }) => status)).toEqual([201, 201])
    expect(made[0]?.body).toEqual(made[1]?.body)
    const rivals = ['a', 'b'].map(key => ({ ...NEW, username: 'dora', btp: { incomingTokens: [key] } }))
    const outcomes = await Promise.all([
      one.api.post('/accounts', rivals[0]),
      other.api.post('/accounts', rivals[1]),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual([201, 409])
  })
})

describe('a restart', () => {
  it('leaves alone what the API has made, and disables what the file has no more', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const store = `lmdb:${folder}`
    const routes = [{ prefix: 'test.file', account: 'bob' }]
    const first = await start(store, { accounts: [account('bob'), account('gone')], routes })
    await first.api.post('/accounts', NEW, 'key')
    await first.api.post('/routes', { prefix: 'test.far', account: 'bob' })
    await first.api.post('/routes', { prefix: 'test.farther', account: 'carol' })
    const before = (await first.api.get('/accounts/carol')).body
    await first.node.connector.stop()

    const second = await start(store)
    expect((await second.api.get('/accounts/carol')).body).toEqual(before)
    expect((await second.api.post('/accounts', NEW, 'key')).body).toEqual(before)
    expect((await second.api.get('/routes?origin=static')).body).toMatchObject([
      { prefix: 'test.far', account: 'bob', isOfFile: false },
      { prefix: 'test.farther', account: 'carol', isOfFile: false },
    ])
    expect((await second.api.get('/accounts/gone')).body).toMatchObject({ origin: 'file', isDisabled: true })
    expect((await second.api.delete('/accounts/gone')).status).toBe(204)
    fulfilAll(await second.node.plugin('bob'))
    expect(outcome(await send(await second.node.plugin('carol'), 'test.far.shop', 1n))).toBe('fulfilled')
  })

  it('does not make a payment again whose key is known', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const more = {
      accounts: [local('alice')],
      payments: { allowHttp: true, allowPrivateAddresses: true },
    }
    const order = { pointer: 'http://127.0.0.1:1/shop', amount: { source: '10' } }
    const first = await start(`lmdb:${folder}`, more)
    expect((await first.api.post('/accounts/alice/payments', order, 'key')).status).toBe(202)
    await first.node.connector.stop()
    const second = await start(`lmdb:${folder}`, more)
    expect((await second.api.post('/accounts/alice/payments', order, 'key')).status).toBe(409)
    const other = { ...order, amount: { source: '11' } }
    expect((await second.api.post('/accounts/alice/payments', other, 'key')).status).toBe(422)
    expect((await second.api.post('/accounts/alice/payments', other, 'another')).status).toBe(202)
  })

  it('refuses a file that has a token of an account that the API has made', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const first = await start(`lmdb:${folder}`)
    await first.api.post('/accounts', NEW)
    await first.node.connector.stop()
    const accounts = [account('dora', { btp: { incomingTokens: [tokenOf('carol')] } })]
    await expect(start(`lmdb:${folder}`, { accounts })).rejects.toThrow('one of the btp tokens')
  })
})
