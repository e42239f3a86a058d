import { describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { fulfilAll, send } from '../support/packets.js'
import { account, type Settings, usd } from '../support/settings.js'

async function start(more: Settings = {}) {
  const node = await startConnector({ ilpAddress: 'test.node', accounts: [account('bob')], ...more })
  return { node, api: await AdminApi.of(node) }
}

describe('adjustments', () => {
  it('are posted once for each key, across any limit, and are kept with their reasons', async () => {
    const { node, api } = await start({ accounts: [account('bob', { minBalance: '-10', maxBalance: '10' })] })
    const post = (amount: string, reason: string, key?: string) =>
      api.post('/accounts/bob/adjustments', { amount, reason }, key)
    expect(await post('123456789012345678901234567890', 'a bank transfer', 'one')).toMatchObject({
      status: 201,
      body: { key: 'one', amount: '123456789012345678901234567890', reason: 'a bank transfer' },
    })
    expect((await post('123456789012345678901234567890', 'a bank transfer', 'one')).status).toBe(201)
    expect((await post('1', 'a bank transfer', 'one')).status).toBe(422)
    expect((await post('-7', 'a fee 🪙', 'two')).status).toBe(201)
    expect((await node.balance('bob')).balance).toBe(123456789012345678901234567883n)
    expect((await api.get('/accounts/bob/adjustments')).body).toMatchObject([
      { key: 'two', amount: '-7', reason: 'a fee 🪙' },
      { key: 'one', amount: '123456789012345678901234567890', reason: 'a bank transfer' },
    ])
    expect((await api.get('/accounts/bob/adjustments?limit=1')).body).toHaveLength(1)
  })

  it.each([
    ['no key', { amount: '1', reason: 'x' }, undefined],
    ['a key of the node’s own', { amount: '1', reason: 'x' }, 'write-off:bob:1'],
    ['a key with spaces', { amount: '1', reason: 'x' }, 'a key'],
    ['no reason', { amount: '1', reason: '' }, 'key'],
    ['half a character', { amount: '1', reason: '\ud800' }, 'key'],
    ['an amount of zero', { amount: '0', reason: 'x' }, 'key'],
    ['an amount that is a number', { amount: 1, reason: 'x' }, 'key'],
    ['a fraction', { amount: '1.5', reason: 'x' }, 'key'],
  ])('are refused with %s', async (_, body, key) => {
    const { node, api } = await start()
    expect((await api.post('/accounts/bob/adjustments', body, key)).status).toBe(400)
    expect(await node.positions()).toEqual({})
  })
})

describe('rates', () => {
  it('are shown as they are configured', async () => {
    const rates = { USD: '1', EUR: '1.08' }
    const { api } = await start({ exchangeRates: { provider: 'static', rates, spread: '0.002' } })
    expect((await api.get('/rates')).body).toEqual({
      provider: 'static',
      spread: '0.002',
      rates,
      overrides: {},
    })
  })

  it('are none where only accounts of one asset code exchange', async () => {
    const { api } = await start()
    expect((await api.get('/rates')).body).toEqual({
      provider: null,
      spread: '0',
      rates: {},
      overrides: {},
    })
  })
})

describe('settlement', () => {
  it('shows what waits for an engine, and how the engine is', async () => {
    const engineUrl = 'http://127.0.0.1:1'
    const { node, api } = await start({
      allowVolatileSettlement: true,
      accounts: [account('payer'), account('bob', { settlement: { engineUrl, settleThreshold: '50' } })],
    })
    fulfilAll(await node.plugin('bob'))
    await send(await node.plugin('payer'), 'test.node.bob', 70n)
    await eventually(async () => (await api.get('/settlement')).body).toMatchObject({
      outbox: [{ account: 'bob', accountId: 'bob', amount: '70', asset: usd }],
      outboxSize: 1,
      orphans: 0,
      engines: [{ url: engineUrl, isUp: false, accounts: 1, waiting: 1, lastError: {} }],
    })
    const { atMs } = (await api.get('/settlement')).body.engines[0].lastError
    expect((await api.post('/settlement/retry')).status).toBe(202)
    await eventually(
      async () => (await api.get('/settlement')).body.engines[0].lastError.atMs,
    ).toBeGreaterThan(atMs)
    const created = {
      username: 'carol',
      relation: 'peer',
      asset: usd,
      settlement: { engineUrl, settleThreshold: '5' },
    }
    expect((await api.post('/accounts', created)).body.settlement).toEqual({
      engineUrl,
      settleThreshold: '5',
      settleTo: '0',
    })
  })
})
