import { createBtpPlugin, type IlpConnector, type Plugin, startIlpConnector } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { type Face, tokenOf } from '../support/face.js'
import { outcome, send } from '../support/packets.js'
import { credentialsOf, quote } from '../support/payments.js'
import { account, dialled, local, usd } from '../support/settings.js'
import { expectSoundBooks, startNode } from './node.js'
import { destination, senderThrough } from './payer.js'

/** npm's connector, between a child of its own and a peer that it dials, with a customer. */
async function startNpm(far: Face): Promise<IlpConnector> {
  const child = (token: string) => ({ relation: 'child', asset: usd, btp: { listen: { token } } }) as const
  const npm = await startIlpConnector({
    address: 'test.npm',
    accounts: {
      near: child(tokenOf('near')),
      far: { relation: 'peer', asset: usd, btp: { dial: { url: far.btpUrl(), token: tokenOf('npm') } } },
      customer: child(tokenOf('customer')),
    },
    routing: true,
  })
  onTestFinished(npm.stop)
  return npm
}

async function customerOf(npm: IlpConnector): Promise<Plugin> {
  const plugin = createBtpPlugin({ server: { url: npm.url('customer'), token: tokenOf('customer') } })
  onTestFinished(() => plugin.disconnect())
  await plugin.connect()
  return plugin
}

/** Pays a payment pointer (a URL does for one) with npm's `@interledger/pay`: what it says to have been delivered. */
async function payPointer(plugin: Plugin, face: Face, username: string, amountToSend: string) {
  const paymentPointer = `${face.url}/accounts/${username}/spsp`
  const { error, amountDelivered } = await (await quote({ plugin, paymentPointer, amountToSend })).pay()
  return error ?? String(amountDelivered)
}

/** Our sender does the same. */
async function payByOurs(plugin: Plugin, face: Face, username: string, source: bigint) {
  const credentials = await credentialsOf(face, username)
  const { end, delivered } = await senderThrough(plugin).pay({
    ...destination(credentials),
    amount: { source },
  })
  return [end, delivered]
}

const reaches = (plugin: Plugin, address: string) =>
  eventually(async () => outcome(await send(plugin, address, 0n)))

it('payment pointers are paid across npm’s connector, both ways, and its books are the same as ours', async () => {
  const far = await startNode({
    ilpAddress: 'test.far',
    routeBroadcastIntervalMs: 4_000,
    accounts: [account('npm', { relation: 'peer' }), local('alice'), account('payer')],
  })
  const npm = await startNpm(far.face)
  const near = await startNode({
    accounts: [
      account('npm', { relation: 'parent', http: undefined, btp: dialled(npm.url('near'), tokenOf('near')) }),
      local('bob'),
      account('payer'),
    ],
  })
  const atNear = await near.face.plugin('payer')
  const atFar = await far.face.plugin('payer')
  // By routes that were told, in both directions.
  await reaches(atNear, 'test.far.alice.x').toBe('F06')
  await reaches(atFar, 'test.npm.near.bob.x').toBe('F06')

  // These leave their plugin in the end.
  const [leavesNear, leavesFar] = [await near.face.plugin('payer'), await far.face.plugin('payer')]
  expect(await payPointer(leavesNear, far.face, 'alice', '0.002500001')).toBe('0.002500001')
  expect(await payPointer(leavesFar, near.face, 'bob', '0.002000777')).toBe('0.002000777')
  expect(await payByOurs(atNear, far.face, 'alice', 1_000_000n)).toEqual(['completed', 1_000_000n])
  expect(await payByOurs(atFar, near.face, 'bob', 44_444n)).toEqual(['completed', 44_444n])
  expect(await payByOurs(await customerOf(npm), far.face, 'alice', 5_000n)).toEqual(['completed', 5_000n])

  const toFar = 3_500_001n
  const toNear = 2_045_221n
  expect(await near.face.balances('payer', 'npm', 'bob')).toEqual({
    payer: -toFar,
    npm: toFar - toNear,
    bob: toNear,
  })
  expect(await far.face.balances('payer', 'npm', 'alice')).toEqual({
    payer: -toNear,
    npm: toNear - toFar - 5_000n,
    alice: toFar + 5_000n,
  })
  await expectSoundBooks(near, far)
  // Each shows the other's balance as the other does: their signs differ, and so do their points of view.
  await eventually(npm.balances).toEqual({
    near: toFar - toNear,
    far: toNear - toFar - 5_000n,
    customer: 5_000n,
  })
})
