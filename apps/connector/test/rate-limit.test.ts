import { expect, it } from 'vitest'
import { startConnector } from './support/connector.js'
import { fulfilAll, outcome, send } from './support/packets.js'
import { account, type Settings } from './support/settings.js'

/** A connector with two payers and a shop that takes everything. */
async function scene(limits: { payer?: Settings; shop?: Settings }) {
  const node = await startConnector({
    ilpAddress: 'test.node',
    accounts: [account('payer', limits.payer), account('other'), account('shop', limits.shop)],
  })
  fulfilAll(await node.plugin('shop'))
  const payer = await node.plugin('payer')
  const other = await node.plugin('other')
  const pay = async (units: bigint, from = payer) => outcome(await send(from, 'test.node.shop', units))
  return { node, other, pay }
}

it('takes as many packets from an account as it may send in a minute, whatever becomes of them', async () => {
  const { node, other, pay } = await scene({ payer: { rateLimit: { packetsPerMinute: 3 } } })
  const payer = await node.plugin('payer')
  expect(outcome(await send(payer, 'test.nowhere', 1n))).toBe('F02')
  expect([await pay(1n), await pay(0n), await pay(1n)]).toEqual(['fulfilled', 'fulfilled', 'T05'])
  expect(await pay(5n, other)).toBe('fulfilled')
  expect(await node.balances('payer', 'other', 'shop')).toEqual({ payer: -1n, other: -5n, shop: 6n })
})

it('takes what an account may move in a minute, and gives back what was rejected', async () => {
  const { node, pay } = await scene({ payer: { rateLimit: { amountPerMinute: '1000' } } })
  const payer = await node.plugin('payer')
  expect(outcome(await send(payer, 'test.nowhere', 1_000n))).toBe('F02')
  expect([await pay(1_000n), await pay(500n), await pay(0n)]).toEqual(['fulfilled', 'T04', 'fulfilled'])
  expect(await node.balances('payer', 'shop')).toEqual({ payer: -1_000n, shop: 1_000n })
})

it('sends an account what may go to it in a minute, whoever it comes from', async () => {
  const { node, other, pay } = await scene({ shop: { outgoingRateLimit: { amountPerMinute: '1000' } } })
  expect([await pay(1_000n), await pay(500n, other)]).toEqual(['fulfilled', 'T04'])
  expect(await node.balances('payer', 'other', 'shop')).toEqual({ payer: -1_000n, other: 0n, shop: 1_000n })
})
