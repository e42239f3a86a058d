import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PAYMENTS_UNDER_WAY_MAX } from '../../src/admin/payment-book.js'
import { AdminApi, type ApiAnswer } from '../support/admin-api.js'
import { startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { HeldPackets } from '../support/packets.js'
import { credentialsOf } from '../support/payments.js'
import { account, local, type Settings, usd } from '../support/settings.js'

/** A node that may pay whoever is on this machine. */
async function start(more: Settings = {}) {
  const node = await startConnector({
    ilpAddress: 'test.node',
    payments: { allowHttp: true, allowPrivateAddresses: true },
    accounts: [local('alice'), local('shop'), account('bob')],
    ...more,
  })
  const api = await AdminApi.of(node)
  const pay = (order: object, key = 'key', username = 'alice') =>
    api.post(`/accounts/${username}/payments`, { pointer: `${node.url}/accounts/shop/spsp`, ...order }, key)
  const ended = async ({ headers }: ApiAnswer) => {
    const path = headers.get('location') ?? ''
    await eventually(async () => (await api.get(path)).body.end).not.toBeNull()
    return (await api.get(path)).body
  }
  return { node, api, pay, ended }
}

describe('a payment', () => {
  it('is made out of a local account, and followed to its end', async () => {
    const { node, api, pay, ended } = await start()
    const begun = await pay({ amount: { source: '1000' } })
    expect(begun).toMatchObject({ status: 202, body: { account: 'alice', end: null, asset: usd } })
    const over = await ended(begun)
    expect(over).toMatchObject({
      end: 'completed',
      sent: '1000',
      delivered: '1000',
      inFlight: '0',
      unknown: '0',
      receiverAsset: usd,
    })
    expect((await api.get('/accounts/alice/payments')).body).toEqual([over])
    expect((await api.get('/accounts/shop/payments')).body).toEqual([])
    expect((await api.get(`/accounts/shop/payments/${over.id}`)).status).toBe(404)
    expect(await node.balances('alice', 'shop')).toEqual({ alice: -1_000n, shop: 1_000n })
  })

  it('is made to an ILP address whose secret is known, and which nobody is asked for', async () => {
    const { node, api, pay, ended } = await start()
    const { destinationAccount: pointer, sharedSecret } = await credentialsOf(node, 'shop')
    const order = { pointer, sharedSecret: sharedSecret.toString('base64'), amount: { source: '70' } }
    expect(await ended(await pay(order))).toMatchObject({
      end: 'completed',
      pointer,
      amount: { source: '70' },
      delivered: '70',
    })
    const shown = JSON.stringify((await api.get('/accounts/alice/payments')).body)
    expect(shown).not.toContain(order.sharedSecret)
    expect(await node.balances('alice', 'shop')).toEqual({ alice: -70n, shop: 70n })
    expect((await pay({ ...order, pointer: '$shop.example' }, 'other')).status).toBe(400)
  })

  it('is made once for each key', async () => {
    const { node, api, pay, ended } = await start()
    const order = { amount: { delivery: '500', sourceMax: '600' } }
    const [one, other] = await Promise.all([pay(order), pay(order)])
    expect(one?.body.id).toBe(other?.body.id)
    if (one) await ended(one)
    expect((await pay(order)).body).toMatchObject({ id: one?.body.id, end: 'completed' })
    expect((await pay({ amount: { delivery: '501' } })).status).toBe(422)
    expect(await node.balances('alice', 'shop')).toEqual({ alice: -500n, shop: 500n })
    // What a key is claimed by is not shown as money that was posted.
    expect((await api.get('/accounts/alice/adjustments')).body).toEqual([])
  })

  it('says what holds it up while it is under way', async () => {
    const { api, pay, ended } = await start({
      accounts: [local('alice', { minBalance: '-500' }), local('shop')],
    })
    const begun = await pay({ amount: { source: '1000' } })
    const path = begun.headers.get('location') ?? ''
    await eventually(async () => (await api.get(path)).body).toMatchObject({
      end: null,
      detail: expect.stringMatching(/^T04 of test\.node: /),
      sent: '500',
      receiverAsset: usd,
    })
    await api.delete(path)
    expect(await ended(begun)).toMatchObject({ end: 'cancelled', sent: '500', receiverAsset: usd })
  })

  it('ends where nobody says whom to pay', async () => {
    const { pay, ended, node } = await start()
    const begun = await pay({ pointer: `${node.url}/accounts/nobody/spsp`, amount: { source: '1' } })
    expect(await ended(begun)).toMatchObject({ end: 'failed', sent: '0' })
    expect(await ended(await pay({ pointer: 'bob', amount: { source: '1' } }, 'other'))).toMatchObject({
      end: 'failed',
    })
  })

  it('goes out over a peer, and ends when it is cancelled', async () => {
    const far = await start({ ilpAddress: 'test.far' })
    const { node, api, pay, ended } = await start({ routes: [{ prefix: 'test.far', account: 'bob' }] })
    const held = new HeldPackets(await node.plugin('bob'))
    const pointer = `${far.node.url}/accounts/shop/spsp`
    const begun = await pay({ pointer, amount: { source: '1000' } })
    const packets = await held.take(1)
    const path = begun.headers.get('location') ?? ''
    expect((await api.delete(path)).status).toBe(202)
    for (const packet of packets) packet.reject()
    expect(await ended(begun)).toMatchObject({ end: 'cancelled', sent: '0', unknown: '0' })
    expect(await node.balances('alice', 'bob')).toEqual({ alice: 0n, bob: 0n })
  })

  it('waits for its turn when too many are under way', async () => {
    const silent = createServer(() => {})
    onTestFinished(() => {
      silent.closeAllConnections()
      silent.close()
    })
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    const pointer = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/shop`
    const { api, pay, ended } = await start()
    const order = { pointer, amount: { source: '1' } }
    const begun = await Promise.all(
      Array.from({ length: PAYMENTS_UNDER_WAY_MAX }, (_, number) => pay(order, `key-${number}`)),
    )
    expect(new Set(begun.map(({ status }) => status))).toEqual(new Set([202]))
    expect((await pay(order, 'one-more')).status).toBe(429)
    const [first] = begun as [ApiAnswer]
    expect((await api.delete(first.headers.get('location') ?? '')).status).toBe(202)
    expect(await ended(first)).toMatchObject({ end: 'failed', detail: 'the query was cancelled' })
    expect((await pay(order, 'one-more')).status).toBe(202)
  })

  it.each([
    ['of an account that is a peer’s', 'bob', {}, 409],
    ['of nobody', 'nobody', {}, 404],
    ['of nothing', 'alice', { amount: { source: '0' } }, 400],
    ['of more than packets carry', 'alice', { amount: { source: `${2n ** 64n}` } }, 400],
    ['both ways', 'alice', { amount: { source: '1', delivery: '1' } }, 400],
  ])('%s is refused', async (_, username, order, status) => {
    const { pay } = await start()
    expect((await pay({ amount: { source: '1' }, ...order }, 'key', username)).status).toBe(status)
  })
})
