import { describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { startConnector } from '../support/connector.js'
import { fulfilAll, send } from '../support/packets.js'
import { account, usd } from '../support/settings.js'

describe('what a dashboard watches', () => {
  it('is the traffic of all accounts, added up', async () => {
    const accounts = [account('bob', { maxPacketAmount: '100' }), account('carol')]
    const node = await startConnector({ ilpAddress: 'test.node', accounts })
    const api = await AdminApi.of(node)
    expect((await api.get('/traffic')).body).toMatchObject({
      fulfilled: 0,
      rejected: 0,
      rejects: {},
      inFlight: 0,
    })
    const [bob, carol] = [await node.plugin('bob'), await node.plugin('carol')]
    fulfilAll(carol)
    await send(bob, 'test.node.carol', 10n)
    await send(bob, 'test.node.carol', 10n)
    await send(bob, 'test.node.carol', 101n)
    await send(bob, 'test.nowhere', 1n)
    await send(carol, 'test.nowhere', 1n)
    const { body } = await api.get('/traffic')
    expect(body).toMatchObject({ fulfilled: 2, rejected: 3, rejects: { F08: 1, F02: 2 }, inFlight: 0 })
    expect(body.fulfilledWithin.at(-1)).toEqual({ ms: null, count: 2 })
    expect(body.fulfilledWithin.at(-2)).toEqual({ ms: 30_000, count: 2 })
  })

  it('is the balances of all accounts, in pages', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: ['dora', 'bob', 'carol'].map(username => account(username)),
    })
    const api = await AdminApi.of(node)
    await api.post(
      '/accounts/carol/adjustments',
      { amount: '123456789012345678901', reason: 'a test' },
      'key',
    )
    const first = await api.get('/balances?limit=2')
    const none = { balance: '0', heldOut: '0', heldIn: '0', asset: usd }
    expect(first.body).toEqual([
      { account: 'bob', ...none },
      { account: 'carol', ...none, balance: '123456789012345678901' },
    ])
    expect(first.headers.get('link')).toBe('</balances?limit=2&after=carol>; rel="next"')
    expect((await api.get('/balances?limit=2&after=carol')).body).toEqual([{ account: 'dora', ...none }])
  })
})
