import { describe, expect, it } from 'vitest'
import { type RunningConnector, startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { credentialsOf, payByStream, type Quote, quote } from './support/payments.js'
import { account, dialled, local } from './support/settings.js'

/** More packets than any of these payments takes. Each is rounded down, and loses less than a unit. */
const PACKETS_MAX = 50n

/** Two connectors, of which the near one sends to the far one over BTP or HTTP. */
async function startPair(link: 'btp' | 'http'): Promise<{ near: RunningConnector; far: RunningConnector }> {
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [account('near', { relation: 'peer' }), local('alice')],
  })
  const way =
    link === 'btp'
      ? { btp: dialled(far.btpUrl(), tokenOf('near')), http: undefined }
      : { btp: undefined, http: dialled(far.ilpUrl(), tokenOf('near')) }
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [account('payer'), account('far', { relation: 'peer', ilpAddress: 'test.far', ...way })],
  })
  if (link === 'btp') await near.linkUp('far')
  return { near, far }
}

describe('npm’s ilp-protocol-stream', () => {
  it('pays a local account over BTP to the unit', async () => {
    const node = await startConnector({ ilpAddress: 'test.node', accounts: [local('alice'), account('bob')] })
    const paid = await payByStream(await node.plugin('bob'), await credentialsOf(node, 'alice'), 1_234_567n)
    expect(paid).toEqual({ sent: 1_234_567n, delivered: 1_234_567n })
    expect(await node.balances('bob', 'alice')).toEqual({ bob: -1_234_567n, alice: 1_234_567n })
    expect(await node.positions()).toEqual({})
  })

  it('pays out of a local account, and one local account another', async () => {
    const node = await startConnector({ ilpAddress: 'test.node', accounts: [local('alice'), local('carol')] })
    await payByStream(await node.plugin('carol'), await credentialsOf(node, 'alice'), 5_000n)
    expect(await node.balances('carol', 'alice')).toEqual({ carol: -5_000n, alice: 5_000n })
  })

  it.each(['btp', 'http'] as const)('pays through two connectors that are linked by %s', async link => {
    const { near, far } = await startPair(link)
    const paid = await payByStream(await near.plugin('payer'), await credentialsOf(far, 'alice'), 1_000_000n)
    expect(paid).toEqual({ sent: 1_000_000n, delivered: 1_000_000n })
    expect(await near.balances('payer', 'far')).toEqual({ payer: -1_000_000n, far: 1_000_000n })
    expect(await far.balances('near', 'alice')).toEqual({ near: -1_000_000n, alice: 1_000_000n })
  })

  it('finds its way where packets may not be large', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [local('alice'), account('bob', { maxPacketAmount: '1000' })],
    })
    await payByStream(await node.plugin('bob'), await credentialsOf(node, 'alice'), 20_500n)
    expect(await node.balances('bob', 'alice')).toEqual({ bob: -20_500n, alice: 20_500n })
  })

  it.each([
    [9, 6],
    [2, 9],
  ])('pays from scale %i to scale %i of the same asset', async (from, to) => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [
        account('payer', { asset: { code: 'USD', scale: from } }),
        local('alice', { asset: { code: 'USD', scale: to } }),
      ],
    })
    const amount = 123_456_789_012n
    const { delivered } = await payByStream(
      await node.plugin('payer'),
      await credentialsOf(node, 'alice'),
      amount,
    )
    const exact = to > from ? amount * 10n ** BigInt(to - from) : amount / 10n ** BigInt(from - to)
    expect(exact - delivered).toBeGreaterThanOrEqual(0n)
    expect(exact - delivered).toBeLessThan(to > from ? 1n : PACKETS_MAX)
    expect(await node.balances('payer', 'alice')).toEqual({ payer: -amount, alice: delivered })
    expect(await node.positions()).toEqual({ [`USD/${from}`]: amount, [`USD/${to}`]: -delivered })
  })

  it('pays across assets at the configured rates, less the spread', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      exchangeRates: { provider: 'static', rates: { EUR: '1.08', XRP: '0.52' }, spread: '0.002' },
      accounts: [
        account('payer', { asset: { code: 'EUR', scale: 4 } }),
        local('alice', { asset: { code: 'XRP', scale: 6 } }),
      ],
    })
    const amount = 10_000_019n
    const { delivered } = await payByStream(
      await node.plugin('payer'),
      await credentialsOf(node, 'alice'),
      amount,
    )
    const exact = (amount * 108n * 998n * 100n) / (52n * 1_000n)
    expect(exact - delivered).toBeGreaterThanOrEqual(0n)
    expect(exact - delivered).toBeLessThan(PACKETS_MAX)
    expect(await node.balances('payer', 'alice')).toEqual({ payer: -amount, alice: delivered })
    expect(await node.positions()).toEqual({ 'EUR/4': amount, 'XRP/6': -delivered })
  })
})

describe('npm’s @interledger/pay', () => {
  const shown = ({ error, amountSent, amountDelivered }: Awaited<ReturnType<Quote['pay']>>) => ({
    error,
    sent: String(amountSent),
    delivered: String(amountDelivered),
  })

  it('pays by SPSP through two connectors to the unit', async () => {
    const { near, far } = await startPair('http')
    const payment = await quote({
      plugin: await near.plugin('payer'),
      paymentPointer: `${far.url}/accounts/alice/spsp`,
      amountToSend: '0.002500001',
    })
    expect(shown(await payment.pay())).toEqual({ sent: '0.002500001', delivered: '0.002500001' })
    expect(await near.balances('payer', 'far')).toEqual({ payer: -2_500_001n, far: 2_500_001n })
    expect(await far.balances('near', 'alice')).toEqual({ near: -2_500_001n, alice: 2_500_001n })
  })

  it('pays the default receiver of a payment pointer that has no path, at a price that it knows', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      defaultReceiver: 'alice',
      exchangeRates: { provider: 'static', rates: { EUR: '1.25', USD: '1' } },
      accounts: [account('payer', { asset: { code: 'EUR', scale: 6 } }), local('alice')],
    })
    const payment = await quote({
      plugin: await node.plugin('payer'),
      paymentPointer: node.url,
      amountToSend: '3',
      prices: { EUR: 1.25, USD: 1 },
    })
    expect(shown(await payment.pay())).toEqual({ sent: '3', delivered: '3.75' })
    expect(await node.balances('payer', 'alice')).toEqual({ payer: -3_000_000n, alice: 3_750_000_000n })
    expect(await node.positions()).toEqual({ 'EUR/6': 3_000_000n, 'USD/9': -3_750_000_000n })
  })
})
