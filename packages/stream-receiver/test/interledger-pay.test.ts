import { createRequire } from 'node:module'
import type { Plugin } from '@ilp/test-peers'
import { describe, expect, it } from 'vitest'
import { createPlugin } from './plugin.js'
import { receiving } from './receiving.js'

/** The parts of npm's `@interledger/pay` that are used here; its own types bring those of Node 10 along. */
interface PayModule {
  readonly quote: (options: {
    plugin: Plugin
    amountToSend: string
    destinationAddress: string
    sharedSecret: Buffer
    slippage?: number
  }) => Promise<{
    readonly destinationAccount: { readonly assetCode: string; readonly assetScale: number }
    readonly pay: () => Promise<{
      readonly error?: string
      readonly amountSent: object
      readonly amountDelivered: object
    }>
    readonly cancel: () => Promise<void>
  }>
}

const { quote } = createRequire(import.meta.url)('@interledger/pay') as PayModule

function prepare() {
  const receiver = receiving()
  const plugin = createPlugin(receiver.service)
  const { destinationAccount, sharedSecret } = receiver.issue({ tag: 'invoice 2' })
  const ask = (amountToSend: string) =>
    quote({ plugin, amountToSend, destinationAddress: destinationAccount, sharedSecret })
  return { receiver, plugin, ask }
}

describe('@interledger/pay', () => {
  it('quotes, and pays to the unit', async () => {
    const { receiver, plugin, ask } = prepare()
    plugin.path.maxPacketAmount = 300_000n
    const payment = await ask('0.001000003')
    expect(payment.destinationAccount).toMatchObject({ assetCode: 'USD', assetScale: 9 })
    expect(receiver.total()).toBe(0n)
    const { error, amountSent, amountDelivered } = await payment.pay()
    expect([error, String(amountSent), String(amountDelivered)]).toEqual([
      undefined,
      '0.001000003',
      '0.001000003',
    ])
    expect([receiver.total(), plugin.delivered()]).toEqual([1_000_003n, 1_000_003n])
    expect(receiver.received).toHaveLength(4)
    expect(receiver.received.at(-1)).toMatchObject({
      tag: 'invoice 2',
      streamId: 1,
      totalReceived: 1_000_003n,
    })
  })

  it('does not pay at a rate that is worse than the quoted one', async () => {
    const { receiver, plugin, ask } = prepare()
    const payment = await ask('0.001')
    plugin.path.rate = units => (units * 9n) / 10n
    const { error, amountDelivered } = await payment.pay()
    expect(error).toBe('InsufficientExchangeRate')
    expect([String(amountDelivered), receiver.total()]).toEqual(['0', 0n])
  })

  it('gives no quote for an account that nobody issued', async () => {
    const { plugin, receiver } = prepare()
    const { destinationAccount, sharedSecret } = receiver.issue()
    const destinationAddress = `${destinationAccount.slice(0, -5)}AAAAA`
    await expect(quote({ plugin, amountToSend: '1', destinationAddress, sharedSecret })).rejects.toBe(
      'ConnectorError',
    )
    expect(plugin.replies.get('F06')).toBeGreaterThan(0)
  })
})
