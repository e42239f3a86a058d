import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFulfill } from '@ilp/service-core'
import { freePorts, type Plugin } from '@ilp/test-peers'
import { expect, it, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.js'
import { send } from '../support/packets.js'
import { account, dialled, type Settings } from '../support/settings.js'
import { expectAgreement, expectSoundBooks, type Node, startNode } from './node.js'
import { destination, senderThrough } from './payer.js'
import { Shop } from './shop.js'

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const
type Name = (typeof NAMES)[number]

/**
 * a, b, c, d, e and round again: from a to c, the short way leads through b, the long one through e and d. The shop
 * is c's customer; c is a customer of b and of d, and a is one of e.
 */
async function ring() {
  const ports = Object.fromEntries(
    (await freePorts(NAMES.length)).map((port, i) => [NAMES[i] as Name, port]),
  ) as Record<Name, number>
  const folder = await mkdtemp(join(tmpdir(), 'ilp-ring-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const link = (self: Name, other: Name, relation: string, { dials = false, ...more }: Settings = {}) =>
    account(other, {
      relation,
      http: undefined,
      btp: dials
        ? dialled(`ws://127.0.0.1:${ports[other]}/btp`, `${self}-to-${other}`)
        : { incomingTokens: [`${other}-to-${self}`] },
      ...more,
    })
  const accounts: Record<Name, readonly Settings[]> = {
    a: [
      account('payer', { maxPacketAmount: '1000' }),
      link('a', 'b', 'peer', { dials: true }),
      link('a', 'e', 'parent', { dials: true }),
    ],
    b: [link('b', 'a', 'peer'), link('b', 'c', 'child', { ilpAddress: 'test.c' })],
    c: [account('shop'), link('c', 'b', 'parent', { dials: true }), link('c', 'd', 'peer', { dials: true })],
    d: [link('d', 'c', 'child', { ilpAddress: 'test.c' }), link('d', 'e', 'peer')],
    e: [
      account('asker'),
      link('e', 'a', 'child', { ilpAddress: 'test.a' }),
      link('e', 'd', 'peer', { dials: true }),
    ],
  }
  return (name: Name) =>
    startNode({
      ilpAddress: `test.${name}`,
      listen: `127.0.0.1:${ports[name]}`,
      routeBroadcastIntervalMs: 4_000,
      leaseMs: 500,
      // The one that is killed has to remember.
      ...(name === 'b' && { store: `lmdb:${join(folder, 'store')}`, journalDir: join(folder, 'journal') }),
      accounts: accounts[name],
    })
}

const AMOUNT = 500_000n

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, units) => total + units, 0n)

/** The first of these amounts that make up so much. */
function upTo(total: bigint, amounts: readonly bigint[]): readonly bigint[] {
  let left = total
  const first = amounts.filter(units => {
    left -= units
    return left >= 0n
  })
  expect(sum(first)).toBe(total)
  return first
}

const reaches = (payer: Plugin, address: string) =>
  eventually(async () => {
    const reply = await send(payer, address, 1n)
    return isFulfill(reply) ? 'fulfilled' : `${reply.code} of ${reply.triggeredBy}`
  })

it('a ring delivers every unit by the other way when a node is killed in the middle of a payment', async () => {
  const start = await ring()
  // Who is dialled is there before who dials: the pauses between attempts are short when b is gone.
  const [b, d] = await Promise.all([start('b'), start('d')])
  const [c, e] = await Promise.all([start('c'), start('e')])
  const a = await start('a')
  const shop = new Shop(await c.face.plugin('shop'), 'test.c.shop')
  const payer = await a.face.plugin('payer')
  const pay = (source: bigint) =>
    senderThrough(payer).pay({ ...destination(shop.credentials()), amount: { source } })
  /** Pays little by little, until some of it goes through b. */
  const payUntilThrough = async ({ face }: Node) => {
    const { balance: before } = await face.balance('a')
    await eventually(async () => {
      await pay(1_000n)
      return (await face.balance('a')).balance
    }).toBeLessThan(before)
  }
  // By the short way, and by the other one as well, which is not to be learned when it is needed.
  await reaches(payer, 'test.c.shop.x').toBe('F06 of test.c.shop')
  await reaches(await e.face.plugin('asker'), 'test.c.shop.x').toBe('F06 of test.c.shop')
  await payUntilThrough(b)
  const paidBefore = shop.received

  const payment = pay(AMOUNT)
  await shop.hasReceived(paidBefore + AMOUNT / 5n)
  await shop.hold(5)
  // Everybody has heard of all that the shop has answered so far.
  const heard = async () => {
    const { b, e } = await a.face.balances('b', 'e')
    return b + e
  }
  await eventually(heard).toBe(shop.received)
  const { e: byTheLongWay } = await a.face.balances('e')
  b.face.signal('SIGKILL')
  await b.face.ended()
  await c.face.child.printed(/"account":"b".*BTP link was lost/, 20_000)
  const { heldOut: atStake } = await c.face.balance('b')
  await shop.keeps(atStake)

  // The shop fulfills these for c, who can tell nobody: for those before b they are not paid, and so they are paid anew.
  // What has come by the other way meanwhile is behind them.
  const taken = upTo(atStake, shop.letGo())
  const { end, sent, delivered } = await payment
  expect({ end, sent, delivered }).toEqual({ end: 'completed', sent: AMOUNT, delivered: AMOUNT })
  expect(shop.received).toBe(paidBefore + AMOUNT + sum(taken))
  expect((await a.face.balance('e')).balance).toBeGreaterThan(byTheLongWay)
  await c.face.child.printed(new RegExp(`"fulfills":${taken.length},.*link closed before the peer`), 20_000)

  const again = await start('b')
  await payUntilThrough(again)

  await expectSoundBooks(a, again, c, d, e)
  await expectAgreement([a, 'b'], [again, 'a'])
  await expectAgreement([c, 'b'], [again, 'c'], sum(taken))
  await expectAgreement([c, 'd'], [d, 'c'])
  await expectAgreement([d, 'e'], [e, 'd'])
  await expectAgreement([e, 'a'], [a, 'e'])
  expect((await c.face.balance('shop')).balance).toBe(shop.received)
})
