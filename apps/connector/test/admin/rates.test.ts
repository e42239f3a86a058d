import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { redisServer } from '@ilp/test-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { fulfilAll, outcome, send } from '../support/packets.js'
import { account, type Settings, usd } from '../support/settings.js'

const eur = { code: 'EUR', scale: 9 }

async function start(more: Settings = {}) {
  const accounts = [
    account('alice', { asset: eur }),
    account('bob', { asset: usd, maxBalance: '100000000000' }),
  ]
  const node = await startConnector({ ilpAddress: 'test.node', accounts, ...more })
  return { node, api: await AdminApi.of(node) }
}

/** A provider that says what a whole euro is worth, unless it is out of order; and the settings that it is asked by. */
async function startProvider(euro: () => number | undefined, maxAgeMs: number): Promise<Settings> {
  const server = createServer((_, response) => {
    const prices = { USD: 1, EUR: euro() }
    response.writeHead(prices.EUR === undefined ? 503 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(prices))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    provider: 'http',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    base: 'USD',
    mapping: { prices: '', price: '' },
    pollIntervalMs: 100,
    maxAgeMs,
  }
}

/** What Bob gets of so much of Alice's. */
async function exchanged(node: RunningConnector, units: bigint): Promise<bigint | string> {
  const [alice, bob] = [await node.plugin('alice'), await node.plugin('bob')]
  fulfilAll(bob)
  const before = (await node.balance('bob')).balance
  const code = outcome(await send(alice, 'test.node.bob', units))
  await alice.disconnect()
  await bob.disconnect()
  return code === 'fulfilled' ? (await node.balance('bob')).balance - before : code
}

describe('a rate that is set by hand', () => {
  it('is in force in place of the configured one until it is deleted, to the last digit', async () => {
    const rates = { USD: '1', EUR: '1.05' }
    const { node, api } = await start({ exchangeRates: { provider: 'static', rates } })
    expect(await exchanged(node, 1_000_000n)).toBe(1_050_000n)
    expect(await api.put('/rates/EUR', { rate: '1.080000001' })).toMatchObject({
      status: 200,
      body: { code: 'EUR', rate: '1.080000001' },
    })
    expect(await exchanged(node, 1_000_000_000n)).toBe(1_080_000_001n)
    expect((await api.get('/rates')).body).toEqual({
      provider: 'static',
      spread: '0',
      rates: { USD: '1', EUR: '1.080000001' },
      overrides: { EUR: '1.080000001' },
    })
    expect((await api.delete('/rates/EUR')).status).toBe(204)
    expect((await api.delete('/rates/EUR')).status).toBe(404)
    expect(await exchanged(node, 1_000_000n)).toBe(1_050_000n)
  })

  it('makes accounts of several assets exchange where no provider is configured', async () => {
    const { node, api } = await start()
    expect(await exchanged(node, 100n)).toBe('T00')
    await api.put('/rates/EUR', { rate: '2' })
    await api.put('/rates/USD', { rate: '0.5' })
    expect(await exchanged(node, 100n)).toBe(400n)
    expect((await api.get('/rates')).body).toMatchObject({ provider: null, rates: { EUR: '2', USD: '0.5' } })
  })

  it('may be of any asset code', async () => {
    const { api } = await start()
    const code = 'a/b €?'
    expect((await api.put(`/rates/${encodeURIComponent(code)}`, { rate: '3' })).body.code).toBe(code)
    expect((await api.get('/rates')).body.overrides).toEqual({ [code]: '3' })
    expect((await api.delete(`/rates/${encodeURIComponent(code)}`)).status).toBe(204)
  })

  it.each([
    ['zero', '/rates/EUR', { rate: '0' }],
    ['a number', '/rates/EUR', { rate: 1.08 }],
    ['a negative one', '/rates/EUR', { rate: '-1' }],
    ['an exponent', '/rates/EUR', { rate: '1e3' }],
    ['a quotient', '/rates/EUR', { rate: '1/3' }],
    ['nothing', '/rates/EUR', {}],
    ['more', '/rates/EUR', { rate: '1', spread: '0' }],
    ['a code that is too long', `/rates/${'E'.repeat(33)}`, { rate: '1' }],
  ])('is refused where it is %s', async (_, path, body) => {
    const { api } = await start()
    expect((await api.put(path, body)).status).toBe(400)
    expect((await api.get('/rates')).body.overrides).toEqual({})
  })
})

it('says when those of the provider are too old to be used', async () => {
  let euro: number | undefined = 2
  const { api } = await start({ exchangeRates: await startProvider(() => euro, 2_000) })
  const shown = async () => (await api.get('/rates')).body
  await eventually(shown).toMatchObject({ rates: { EUR: '2' }, isTooOld: false })
  euro = undefined
  await eventually(shown).toMatchObject({ rates: { EUR: '2' }, isTooOld: true })
})

describe('on a store of two processes', () => {
  it('is in force in both, while their provider goes on, and behind a restart', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    let euro = 2
    const exchangeRates = await startProvider(() => euro, 60_000)
    const store = `${server.url}?prefix=${server.prefix}`
    const [one, other] = [await start({ store, exchangeRates }), await start({ store, exchangeRates })]
    const shown = async ({ api }: typeof one) => (await api.get('/rates')).body
    for (const each of [one, other])
      await eventually(() => shown(each)).toMatchObject({ rates: { EUR: '2' } })

    await one.api.put('/rates/EUR', { rate: '3' })
    expect(await exchanged(one.node, 100n)).toBe(300n)
    await eventually(() => exchanged(other.node, 100n)).toBe(300n)
    // Prices of the provider's come in meanwhile, and are those of all others.
    const { asOfMs } = await shown(other)
    euro = 5
    await eventually(async () => (await shown(other)).asOfMs).toBeGreaterThan(asOfMs)
    await eventually(async () => (await shown(one)).asOfMs).toBeGreaterThan(asOfMs)
    for (const each of [one, other]) {
      expect(await shown(each)).toMatchObject({ rates: { EUR: '3' }, overrides: { EUR: '3' } })
      expect(await exchanged(each.node, 100n)).toBe(300n)
    }
    const next = await start({ store, exchangeRates })
    expect(await exchanged(next.node, 100n)).toBe(300n)

    expect((await other.api.delete('/rates/EUR')).status).toBe(204)
    for (const each of [one, other, next]) {
      await eventually(() => shown(each)).toMatchObject({ rates: { EUR: '5' }, overrides: {} })
      await eventually(() => exchanged(each.node, 100n)).toBe(500n)
    }
  })

  it('is not lost when both set some at the same time', async () => {
    const server = await redisServer()
    onTestFinished(server.stop)
    const store = `${server.url}?prefix=${server.prefix}`
    const nodes = [await start({ store }), await start({ store })]
    const codes = Array.from({ length: 20 }, (_, index) => `C${index}`)
    const puts = codes.map((code, index) => nodes[index % 2]?.api.put(`/rates/${code}`, { rate: '2' }))
    for (const answer of await Promise.all(puts)) expect(answer?.status).toBe(200)
    const wanted = Object.fromEntries(codes.map(code => [code, '2']))
    for (const { api } of nodes) {
      await eventually(async () => (await api.get('/rates')).body.overrides).toEqual(wanted)
    }
  })
})
