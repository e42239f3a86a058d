import { runBtpLoad } from '@ilp/test-peers'
import { describe, expect, it } from 'vitest'
import { type RunningCommand, startCommand } from './support/command.js'
import { type RunningConnector, startConnector } from './support/connector.js'
import { tokenOf } from './support/face.js'
import { HeldPackets, outcome, send } from './support/packets.js'
import { account, dialled } from './support/settings.js'

type Link = 'btp' | 'http'

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

/** The link is up once a packet gets through, or is refused by the far end. */
const linked = (near: RunningConnector) =>
  expect.poll(async () => outcome(await send(await near.plugin('payer'), 'test.far.nobody', 1n))).toBe('F02')

describe('a signal that ends the connector', () => {
  it.each<[NodeJS.Signals, Link]>([
    ['SIGTERM', 'btp'],
    ['SIGINT', 'http'],
  ])('%s lets packets in flight over %s end, and takes no new ones', async (signal, link) => {
    const row = await startRow(link)
    const { near, middle, far } = row
    await linked(near)
    const payer = await near.plugin('payer')
    const shop = new HeldPackets(await far.plugin('shop'))
    const amounts = Array.from({ length: 20 }, (_, i) => BigInt(i + 1))
    const answers = amounts.map(units => send(payer, 'test.far.shop', units))
    const held = await shop.take(amounts.length)

    middle.signal(signal)
    await middle.child.printed(/"stopping/, 5_000)
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
    expect(performance.now() - stoppedAtMs).toBeLessThan(5_000)
    expect(await promised(row)).toEqual([150n, 150n, 150n])
    expect(await near.balance('payer')).toEqual({ balance: -150n, heldOut: 0n, heldIn: 0n })
  })

  it.each<Link>(['btp', 'http'])('loses nothing under load over %s', async link => {
    const row = await startRow(link)
    const { near, middle, far } = row
    await linked(near)
    const load = runBtpLoad({
      sender: { url: near.btpUrl('payer'), token: tokenOf('payer') },
      receiver: { url: far.btpUrl('shop'), token: tokenOf('shop') },
      destination: 'test.far.shop',
      amount: 3n,
      window: 100,
      durationMs: 1_500,
    })
    await expect.poll(async () => (await far.balances('shop')).shop, { interval: 5 }).toBeGreaterThan(300n)
    middle.signal('SIGTERM')
    expect(await middle.ended()).toBe(0)
    const { fulfilled, delivered, rejected } = await load
    expect(fulfilled).toBe(delivered)
    expect(Object.keys(rejected)).toContain('T01')
    const sum = BigInt(fulfilled) * 3n
    expect(await promised(row)).toEqual([sum, sum, sum])
  })

  it('counts once when it comes twice, as Ctrl-C does under npm', async () => {
    const { near, middle, far } = await startRow('btp')
    await linked(near)
    const shop = new HeldPackets(await far.plugin('shop'))
    const answer = send(await near.plugin('payer'), 'test.far.shop', 1n)
    const [held] = await shop.take(1)
    middle.signal('SIGINT')
    await middle.child.printed(/"stopping/, 5_000)
    middle.signal('SIGINT')
    held?.fulfil()
    expect(outcome(await answer)).toBe('fulfilled')
    expect(await middle.ended()).toBe(0)
  })

  it('ends it at once when it is the second', async () => {
    const { near, middle, far } = await startRow('btp')
    await linked(near)
    const shop = new HeldPackets(await far.plugin('shop'))
    const answer = send(await near.plugin('payer'), 'test.far.shop', 1n)
    await shop.take(1)
    middle.signal('SIGTERM')
    await middle.child.printed(/"stopping/, 5_000)
    const again = setInterval(() => middle.signal('SIGINT'), 50)
    expect(await middle.ended()).toBe(1)
    clearInterval(again)
    expect(outcome(await answer)).toBe('T01')
  })
})
