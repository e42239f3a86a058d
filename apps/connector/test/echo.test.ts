import { type Pinger, type PingResult, pinger } from '@ilp/ping'
import { decodeReply, type IncomingRequest, Prepare, unreachable } from '@ilp/service-core'
import { testAccount } from '@ilp/service-testing'
import type { Plugin } from '@ilp/test-peers'
import { expect, it } from 'vitest'
import { startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { account, dialled } from './support/settings.js'

/** A pinger behind a plugin, as the child of a connector. */
function pingerOf(plugin: Plugin, address: string): Pinger {
  const ping = pinger({
    send: async prepare => decodeReply(await plugin.sendData(prepare.toBuffer())),
    source: () => address,
  })
  const incoming = ping.pongs<IncomingRequest>({
    ready: () => Promise.resolve(),
    call: async () => unreachable(address, 'nobody here'),
  })
  plugin.registerDataHandler(async bytes => {
    const reply = await incoming.call({ from: testAccount('parent'), prepare: Prepare.decode(bytes) })
    return reply.toBuffer()
  })
  return ping
}

const said = ({ reject, returned }: PingResult): string =>
  reject ? `${reject.code} by ${reject.triggeredBy}` : `echoed ${returned}`

it('echoes the pings of its neighbour and of others, and the books agree', async () => {
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [account('near', { relation: 'peer', ilpAddress: 'test.near' })],
  })
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [
      account('alice'),
      account('far', {
        relation: 'peer',
        ilpAddress: 'test.far',
        btp: dialled(far.btpUrl('near'), tokenOf('near')),
      }),
    ],
  })
  await near.linkUp('far')
  const ping = pingerOf(await near.plugin('alice'), 'test.near.alice')
  expect(said(await ping.echo('test.near', { units: 5n }))).toBe('echoed 5')
  expect(said(await ping.echo('test.far', { units: 7n }))).toBe('echoed 7')
  expect(said(await ping.echo('test.nobody'))).toBe('F02 by test.near')
  expect(said(await ping.probe('test.far.nobody'))).toBe('F02 by test.far')
  expect(await near.balances('alice', 'far')).toEqual({ alice: 0n, far: 0n })
  expect(await far.balances('near')).toEqual({ near: 0n })
})

it('keeps its spread of an echo', async () => {
  const node = await startConnector({
    ilpAddress: 'test.node',
    exchangeRates: { provider: 'static', rates: {}, spread: '0.01' },
    accounts: [account('alice')],
  })
  const ping = pingerOf(await node.plugin('alice'), 'test.node.alice')
  expect(said(await ping.echo('test.node', { units: 1_000n }))).toBe('echoed 990')
  expect(await node.balances('alice')).toEqual({ alice: -10n })
  expect(await node.positions()).toEqual({ 'USD/9': 10n })
})
