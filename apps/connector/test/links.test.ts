import { expect, it } from 'vitest'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { fulfilAll, outcome, send } from './support/packets.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local } from './support/settings.js'

it('sends over BTP while the peer is connected, over HTTP while it is not', async () => {
  const far = await startConnector({ ilpAddress: 'test.far', accounts: [account('near'), local('alice')] })
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [
      account('payer'),
      account('far', {
        relation: 'peer',
        ilpAddress: 'test.far',
        http: dialled(far.ilpUrl('near'), tokenOf('near')),
        btp: { incomingTokens: [tokenOf('far')] },
      }),
    ],
  })
  await payByStream(await near.plugin('payer'), await credentialsOf(far, 'alice'), 70n)
  expect(await near.balances('far')).toEqual({ far: 70n })

  const overBtp = await near.plugin('far')
  fulfilAll(overBtp)
  expect(outcome(await send(await near.plugin('payer'), 'test.far.alice', 5n))).toBe('fulfilled')
  expect(await near.balances('far')).toEqual({ far: 75n })
  expect(await far.balances('near', 'alice')).toEqual({ near: -70n, alice: 70n })
})

it('answers T01 while a peer has no link of any kind', async () => {
  const node = await startConnector({
    ilpAddress: 'test.node',
    accounts: [account('payer'), account('shop')],
  })
  const payer = await node.plugin('payer')
  expect(await send(payer, 'test.node.shop', 5n)).toMatchObject({ code: 'T01', triggeredBy: 'test.node' })
  await eventually(() => node.balance('payer')).toEqual({ balance: 0n, heldOut: 0n, heldIn: 0n })
})
