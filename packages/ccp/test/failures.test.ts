import { accountId } from '@ilp/service-core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Link, Network, type Node } from './network.js'

const INTERVAL_MS = 30_000
const HOLD_DOWN_MS = 45_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000)

/** Two ways from a to c, who is a customer of b and d, peers of a. */
async function diamond() {
  const network = new Network()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => network.node(name)) as [Node, Node, Node, Node]
  const ab = network.link(a, b, 'peer')
  network.link(a, d, 'peer')
  network.link(b, c, 'child')
  network.link(d, c, 'child')
  await network.start()
  await seconds(10)
  return { network, a, b, c, d, ab }
}

/** A chain of a customer, its provider, and a peer of that. */
async function chain() {
  const network = new Network()
  const [a, b, c] = ['a', 'b', 'c'].map(name => network.node(name)) as [Node, Node, Node]
  const ab = network.link(a, b, 'parent')
  const bc = network.link(b, c, 'peer')
  await network.start()
  await seconds(10)
  return { network, a, b, c, ab, bc }
}

const lossy = (link: Link, isLost: () => boolean) => {
  link.isLost = isLost
}

describe('a link that goes down', () => {
  test('has the next best way taken at once, and the old one again when it is back', async () => {
    const { network, a, b, c } = await diamond()
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    network.setLink(a, b, false)
    expect(a.wayTo(c)).toEqual(['d', 'c'])
    expect(a.wayTo(b)).toBeUndefined()
    network.setLink(a, b, true)
    await seconds(1)
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    await network.stop()
  })

  test('further away has the next best way taken as soon as the news arrive', async () => {
    const { network, a, b, c } = await diamond()
    network.setLink(b, c, false)
    await seconds(2)
    expect(a.wayTo(c)).toEqual(['d', 'c'])
    await network.stop()
  })

  test('leaves an account’s own address as the last resort, which nobody else is told', async () => {
    const { network, a, b, c, d } = await diamond()
    network.setLink(b, c, false)
    network.setLink(d, c, false)
    await seconds(5)
    expect(b.table.get('test.c')).toBe('c')
    expect(a.table.has('test.c')).toBe(false)
    await network.stop()
  })

  test('and up and down again does not flood those behind it', async () => {
    const { network, a, b, c } = await chain()
    a.sent = []
    b.sent = []
    for (let i = 0; i < 600; i++) {
      network.setLink(b, c, i % 2 === 1)
      await vi.advanceTimersByTimeAsync(100)
    }
    const updates = b.sent.filter(destination => destination === 'peer.route.update').length
    // One a second to a, and one or two to c each time that the link is up: 600 changes in 60 s.
    expect(updates).toBeLessThan(60 + 2 * 300)
    expect(a.sent.length).toBeLessThan(10)
    await seconds(2)
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    await network.stop()
  })
})

describe('a peer that goes silent', () => {
  test('loses its routes with the hold-down time, and its word is not passed on any more', async () => {
    const { network, a, b, c, bc } = await chain()
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    lossy(bc, () => true)
    await vi.advanceTimersByTimeAsync(HOLD_DOWN_MS - 25_000)
    expect(b.table.has('test.c')).toBe(true)
    await vi.advanceTimersByTimeAsync(27_000)
    expect(b.table.has('test.c')).toBe(false)
    expect(a.wayTo(c)).toBeUndefined()
    expect(b.logger.entries).toMatchObject([{ level: 'warn', fields: { account: 'c', routes: 1 } }])
    await network.stop()
  })

  test('is heard again when it is back', async () => {
    const { network, a, c, bc } = await chain()
    lossy(bc, () => true)
    await seconds(60)
    lossy(bc, () => false)
    await vi.advanceTimersByTimeAsync(2 * INTERVAL_MS)
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    await network.stop()
  })

  test('is left for another way', async () => {
    const { network, a, c, ab } = await diamond()
    ab.isUp = false
    await vi.advanceTimersByTimeAsync(HOLD_DOWN_MS)
    expect(a.wayTo(c)).toEqual(['d', 'c'])
    await network.stop()
  })

  test('does not lose its routes when half of what it says is lost', async () => {
    const { network, b, bc } = await chain()
    let count = 0
    lossy(bc, () => count++ % 2 === 0)
    for (let i = 0; i < 60; i++) {
      await seconds(10)
      expect(b.table.has('test.c')).toBe(true)
    }
    await network.stop()
  })
})

describe('a node that restarts', () => {
  test('is told everything again, and its peers go on using its routes meanwhile', async () => {
    const { network, a, b, c } = await chain()
    await b.restart()
    expect(a.wayTo(b)).toEqual(['b'])
    expect(a.table.get('test.c')).toBe('b')
    await seconds(3)
    expect(a.wayTo(c)).toEqual(['b', 'c'])
    expect(b.table.get('test.c')).toBe('c')
    await network.stop()
  })

  test('without a route that it had takes it from its peers', async () => {
    const { network, a, b } = await chain()
    b.staticRoutes.push({ prefix: 'test.shop', account: accountId('c') })
    b.announce()
    await seconds(2)
    expect(a.table.get('test.shop')).toBe('b')
    b.staticRoutes.length = 0
    await b.restart()
    // A child is not asked first: it hears of the new table when it asks again.
    await seconds(40)
    expect(a.table.has('test.shop')).toBe(false)
    expect(a.table.get('test.c')).toBe('b')
    await network.stop()
  })
})

describe('a node’s own address', () => {
  test('that changes is told anew, with all paths through it', async () => {
    const { network, a, b, c } = await chain()
    b.address = 'test.moved'
    a.accounts.set(accountId('b'), { id: accountId('b'), relation: 'parent' })
    b.announce()
    expect(b.table.get('test.c')).toBe('c')
    await seconds(3)
    expect(c.table.get('test.moved')).toBe('b')
    expect(c.table.has('test.b')).toBe(false)
    const routes = a.ccp.routes()
    expect(routes.find(({ prefix }) => prefix === 'test.c')?.path).toEqual(['test.moved', 'test.c'])
    expect(routes.some(({ prefix }) => prefix === 'test.b')).toBe(false)
    await network.stop()
  })

  test('that is not known yet keeps it quiet until it is', async () => {
    const network = new Network()
    const a = network.node('a')
    const b = network.node('b')
    b.address = undefined
    network.link(a, b, 'peer')
    await network.start()
    await seconds(5)
    expect(b.sent).toEqual([])
    b.address = 'test.b'
    b.announce()
    await seconds(10)
    expect(a.wayTo(b)).toEqual(['b'])
    expect(b.wayTo(a)).toEqual(['a'])
    await network.stop()
  })
})

describe('an account', () => {
  test('that is removed takes its routes along', async () => {
    const { network, a, b, c } = await chain()
    b.accounts.delete(accountId('c'))
    b.announce()
    expect(b.table.has('test.c')).toBe(false)
    await seconds(2)
    expect(a.wayTo(c)).toBeUndefined()
    await network.stop()
  })

  test('that is told no routes hears none, and is not heard when none are taken of it', async () => {
    const network = new Network()
    const [a, b] = [network.node('a'), network.node('b')]
    network.link(a, b, 'peer')
    a.accounts.set(accountId('b'), { id: accountId('b'), relation: 'peer', sendRoutes: false })
    await network.start()
    await seconds(60)
    expect(b.table.size).toBe(0)
    expect(a.wayTo(b)).toEqual(['b'])
    a.accounts.set(accountId('b'), { id: accountId('b'), relation: 'peer', receiveRoutes: false })
    a.announce()
    await seconds(60)
    expect(a.table.size).toBe(0)
    await network.stop()
  })
})

test('a stopped node leaves no timer behind', async () => {
  const { network } = await diamond()
  await network.stop()
  await seconds(1)
  expect(vi.getTimerCount()).toBe(0)
})

test('an idle network says little: a heartbeat for each interval and direction', async () => {
  const { network, a, b } = await diamond()
  await seconds(60)
  for (const node of network.nodes) node.sent = []
  await vi.advanceTimersByTimeAsync(10 * INTERVAL_MS)
  for (const node of [a, b]) {
    expect(new Set(node.sent)).toEqual(new Set(['peer.route.update']))
    expect(node.sent.length).toBe(20)
  }
  await network.stop()
})
