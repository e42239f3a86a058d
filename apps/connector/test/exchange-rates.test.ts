import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { fulfilAll, outcome, send } from './support/packets.js'
import { account } from './support/settings.js'

/** A provider that answers what `answer` returns, and is out of order while that is undefined. */
async function provider(answer: () => string | undefined): Promise<string> {
  const server = createServer((_, response) => {
    const body = answer()
    response.writeHead(body === undefined ? 503 : 200).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A connector between euros and dollars, both of scale 2. */
async function scene(exchangeRates: object) {
  const node = await startConnector({
    ilpAddress: 'test.node',
    exchangeRates,
    accounts: [
      account('payer', { asset: { code: 'EUR', scale: 2 } }),
      account('shop', { asset: { code: 'USD', scale: 2 } }),
    ],
  })
  fulfilAll(await node.plugin('shop'))
  const payer = await node.plugin('payer')
  const pay = async (units: bigint) => outcome(await send(payer, 'test.node.shop', units))
  return { node, pay }
}

it('exchanges at the rates of the central bank, exactly', async () => {
  const today = new Date().toISOString().slice(0, 10)
  const url = await provider(
    () => `<Cube><Cube time='${today}'><Cube currency='USD' rate='1.08'/></Cube></Cube>`,
  )
  const { node, pay } = await scene({ provider: 'ecb', url })
  await eventually(() => pay(100n)).toBe('fulfilled')
  expect(await node.balances('payer', 'shop')).toEqual({ payer: -100n, shop: 108n })
})

it('follows an API, and refuses to exchange once its prices are too old', async () => {
  let body: string | undefined = '{"rates":{"EUR":0.5}}'
  const url = await provider(() => body)
  const { node, pay } = await scene({
    provider: 'http',
    url,
    base: 'USD',
    mapping: { prices: 'rates', price: '', isInverted: true },
    pollIntervalMs: 20,
    maxAgeMs: 200,
    spread: '0.01',
  })
  await eventually(() => pay(100n)).toBe('fulfilled')
  expect(await node.balances('payer', 'shop')).toEqual({ payer: -100n, shop: 198n })
  body = '{"rates":{"EUR":0.25}}'
  const paid = async () => {
    const before = (await node.balance('shop')).balance
    await pay(100n)
    return (await node.balance('shop')).balance - before
  }
  await eventually(paid).toBe(396n)
  body = undefined
  await eventually(() => pay(1n)).toBe('T00')
})
