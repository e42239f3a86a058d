import { testFulfill } from '@ilp/service-testing'
import type { Plugin } from '@ilp/test-peers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RunningCommand, startCommand } from './support/command.js'
import { type RunningConnector, startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { HeldPackets, outcome, send } from './support/packets.js'
import { account, dialled } from './support/settings.js'

type Link = 'btp' | 'http'

/** A busy machine may take it. */
const STOPPING_MS_MAX = 20_000
/** Far more than a stop takes when nothing is in flight, less than the 25 s that packets in flight have. */
const AT_ONCE_MS = 15_000

/**
 * payer ─▶ near ─▶ middle ─▶ far ─▶ shop: the command runs the one in the middle, and the books of its neighbours show
 * what it has told to whom.
 */
interface Row {
  readonly near: RunningConnector
  readonly middle: RunningCommand
  readonly far: RunningConnector
}

async function startRow(link: Link): Promise<Row> {
  const next = (face: RunningConnector | RunningCommand, from: string) => ({
    [link]: dialled(link === 'btp' ? face.btpUrl(from) : face.ilpUrl(from), tokenOf(from)),
  })
  const neighbour = (username: string, settings = {}) => account(username, { relation: 'peer', ...settings })
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [neighbour('middle'), account('shop')],
  })
  const middle = await startCommand({
    ilpAddress: 'test.middle',
    accounts: [
      neighbour('near'),
      neighbour('far', { http: undefined, btp: undefined, ...next(far, 'middle') }),
    ],
    routes: [{ prefix: 'test.far', account: 'far' }],
  })
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [
      account('payer'),
      neighbour('middle', { http: undefined, btp: undefined, ...next(middle, 'near') }),
    ],
    routes: [{ prefix: 'test.far', account: 'middle' }],
  })
  return { near, middle, far }
}

/** What near owes middle, middle owes far as far knows it, and the shop has been promised. */
async function promised({ near, far }: Row) {
  const { middle } = await near.balances('middle')
  const books = await far.balances('middle', 'shop')
  return [middle, -books.middle, books.shop]
}

/** Who pays at near, once both links are up: the far end refuses a packet. */
async function linkedPayer(near: RunningConnector): Promise<Plugin> {
  const payer = await near.plugin('payer')
  await eventually(async () => outcome(await send(payer, 'test.far.nobody', 1n))).toBe('F02')
  return payer
}

describe('a signal that ends the connector', () => {
  it.each<[NodeJS.Signals, Link]>([
    ['SIGTERM', 'btp'],
    ['SIGINT', 'http'],
  ])('%s lets packets in flight over %s end, and takes no new ones', async (signal, link) => {
    const row = await startRow(link)
    const { near, middle, far } = row
    const payer = await linkedPayer(near)
    const shop = new HeldPackets(await far.plugin('shop'))
    const amounts = Array.from({ length: 20 }, (_, i) => BigInt(i + 1))
    const answers = amounts.map(units => send(payer, 'test.far.shop', units))
    const held = await shop.take(amounts.length)

    middle.signal(signal)
    await middle.child.printed(/"stopping/, STOPPING_MS_MAX)
    expect(await send(payer, 'test.far.shop', 1_000n)).toMatchObject({
      code: 'T03',
      triggeredBy: 'test.middle',
    })
    expect((await fetch(`${middle.adminUrl}/health`)).status).toBe(503)

    for (const { prepare, fulfil, reject } of held) (prepare.units % 4n === 0n ? reject : fulfil)()
    const stoppedAtMs = performance.now()
    const outcomes = (await Promise.all(answers)).map(outcome)
    expect(outcomes).toEqual(amounts.map(units => (units % 4n === 0n ? 'F99' : 'fulfilled')))
    expect(await middle.ended()).toBe(0)
    expect(performance.now() - stoppedAtMs).toBeLessThan(AT_ONCE_MS)
    expect(await promised(row)).toEqual([150n, 150n, 150n])
    expect(await near.balance('payer')).toEqual({ balance: -150n, heldOut: 0n, heldIn: 0n })
  })

  it.each<Link>(['btp', 'http'])('loses nothing under load over %s', async link => {
    const row = await startRow(link)
    const { near, middle, far } = row
    const payer = await linkedPayer(near)
    const shop = await far.plugin('shop')
    let delivered = 0
    shop.registerDataHandler(async () => {
      delivered += 1
      return testFulfill().toBuffer()
    })
    let fulfilled = 0
    const payUntilItIsGone = async () => {
      for (let last = ''; last !== 'T01'; last = outcome(await send(payer, 'test.far.shop', 3n))) {
        if (last !== 'fulfilled') continue
        fulfilled += 1
        if (fulfilled === 300) middle.signal('SIGTERM')
      }
    }
    await Promise.all(Array.from({ length: 100 }, payUntilItIsGone))
    expect(await middle.ended()).toBe(0)
    expect(fulfilled).toBe(delivered)
    const sum = BigInt(fulfilled) * 3n
    expect(await promised(row)).toEqual([sum, sum, sum])
  })

  it('counts once when it comes twice, as Ctrl-C does under npm', async () => {
    const { near, middle, far } = await startRow('btp')
    const payer = await linkedPayer(near)
    const shop = new HeldPackets(await far.plugin('shop'))
    const answer = send(payer, 'test.far.shop', 1n)
    const [held] = await shop.take(1)
    // Two of one kind would be one to a process that is busy; it takes either for the other.
    middle.signal('SIGINT')
    middle.signal('SIGTERM')
    await middle.child.printed(/"stopping/, STOPPING_MS_MAX)
    held?.fulfil()
    expect(outcome(await answer)).toBe('fulfilled')
    expect(await middle.ended()).toBe(0)
  })

  it('ends it at once when it is the second', async () => {
    const { near, middle, far } = await startRow('btp')
    const payer = await linkedPayer(near)
    const shop = new HeldPackets(await far.plugin('shop'))
    const answer = send(payer, 'test.far.shop', 1n)
    await shop.take(1)
    middle.signal('SIGTERM')
    await middle.child.printed(/"stopping/, STOPPING_MS_MAX)
    const again = setInterval(() => middle.signal('SIGINT'), 50)
    onTestFinished(() => clearInterval(again))
    expect(await middle.ended()).toBe(1)
    expect(outcome(await answer)).toBe('T01')
  })
})
