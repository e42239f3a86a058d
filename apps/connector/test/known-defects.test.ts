/** What other nodes are known to do wrong, where no other test shows that this one does it right: docs/comparison.md. */
import { Prepare } from '@ilp/service-core'
import { testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, it } from 'vitest'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { fulfilAll, HeldPackets, outcome, post, send } from './support/packets.js'
import { account } from './support/settings.js'

describe('a packet that its next hop holds', () => {
  it('keeps nobody else’s waiting, whichever connection they come on, and wherever they go', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('alice'), account('bob'), account('slow'), account('shop')],
    })
    const slow = new HeldPackets(await node.plugin('slow'))
    fulfilAll(await node.plugin('shop'))
    const [alice, bob] = [await node.plugin('alice'), await node.plugin('bob')]
    const ofAlice = send(alice, 'test.node.slow', 1n)
    const ofBob = send(bob, 'test.node.slow', 2n)
    const held = (await slow.take(2)).toSorted((one, other) =>
      Number(one.prepare.units - other.prepare.units),
    )

    for (const plugin of [alice, bob]) {
      expect(outcome(await send(plugin, 'test.node.shop', 3n))).toBe('fulfilled')
    }
    const overHttp = await post(
      node.ilpUrl(),
      tokenOf('alice'),
      testPrepare({ destination: 'test.node.shop', units: 4n }),
    )
    expect(outcome(overHttp)).toBe('fulfilled')
    // In another order than they came in.
    held[1]?.fulfil()
    expect(outcome(await ofBob)).toBe('fulfilled')
    held[0]?.reject()
    expect(outcome(await ofAlice)).not.toBe('fulfilled')
    expect(await node.balances('alice', 'bob', 'slow', 'shop')).toEqual({
      alice: -7n,
      bob: -5n,
      slow: 2n,
      shop: 10n,
    })
  })

  it('has its money held many leases long, and is booked when it is fulfilled then', async () => {
    const leaseMs = 500
    const node = await startConnector({
      ilpAddress: 'test.node',
      leaseMs,
      accounts: [account('payer'), account('shop')],
    })
    const shop = new HeldPackets(await node.plugin('shop'))
    const reply = send(await node.plugin('payer'), 'test.node.shop', 10n)
    const [held] = await shop.take(1)
    const longAfterMs = Date.now() + 4 * leaseMs
    const state = async () => ({
      ...(await node.balance('payer')),
      isLong: Date.now() > longAfterMs,
    })
    await eventually(state).toEqual({ balance: 0n, heldOut: 10n, heldIn: 0n, isLong: true })
    held?.fulfil()
    expect(outcome(await reply)).toBe('fulfilled')
    expect(await node.balance('payer')).toEqual({ balance: -10n, heldOut: 0n, heldIn: 0n })
    expect(await node.balance('shop')).toEqual({ balance: 10n, heldOut: 0n, heldIn: 0n })
  })
})

describe('packets that are alike', () => {
  it('are each sent on, answered and booked for themselves', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('alice'), account('bob'), account('shop')],
    })
    const shop = new HeldPackets(await node.plugin('shop'))
    const [alice, bob] = [await node.plugin('alice'), await node.plugin('bob')]
    // One condition, one destination, no data: the first two differ in nothing, the third in its amount, and the
    // last only in whose it is.
    const twin = testPrepare({ destination: 'test.node.shop', units: 5n })
    const smaller = testPrepare({ destination: 'test.node.shop', units: 4n })
    const sent = [
      alice.sendData(twin.toBuffer()),
      alice.sendData(twin.toBuffer()),
      alice.sendData(smaller.toBuffer()),
      bob.sendData(twin.toBuffer()),
    ]
    const held = await shop.take(sent.length)
    expect(held.map(({ prepare }) => prepare.units).toSorted()).toEqual([4n, 5n, 5n, 5n])
    for (const packet of held) packet.fulfil()
    await Promise.all(sent)
    expect(await node.balances('alice', 'bob', 'shop')).toEqual({ alice: -14n, bob: -5n, shop: 19n })

    const again = alice.sendData(twin.toBuffer())
    ;(await shop.take(1))[0]?.reject()
    await again
    expect(await node.balances('alice')).toEqual({ alice: -14n })
  })
})

describe('a packet past the maximum balance of its next hop', () => {
  it('is refused before that one hears of it', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('payer'), account('shop', { maxBalance: '10' })],
    })
    const seen: bigint[] = []
    ;(await node.plugin('shop')).registerDataHandler(async bytes => {
      seen.push(Prepare.decode(bytes).units)
      return testFulfill().toBuffer()
    })
    const payer = await node.plugin('payer')
    const outcomes: string[] = []
    for (const units of [8n, 3n, 2n]) outcomes.push(outcome(await send(payer, 'test.node.shop', units)))
    expect(outcomes).toEqual(['fulfilled', 'T04', 'fulfilled'])
    expect(seen).toEqual([8n, 2n])
    expect(await node.balances('payer', 'shop')).toEqual({ payer: -10n, shop: 10n })
  })
})
