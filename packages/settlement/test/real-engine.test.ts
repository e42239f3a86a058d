import { settlementEngine } from '@ilp/test-peers'
import { redisProcess, type ServerProcess, tcpProxy } from '@ilp/test-servers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { credited, keepOwing, type Node, startNodes } from './node.js'

let redis: ServerProcess

beforeAll(async () => {
  redis = await redisProcess({ appendOnly: false })
})
afterAll(() => redis.stop())

let scenes = 0

/** Two nodes, each with an engine built on npm's `ilp-settlement-core`, and between them networks that break on command. */
async function setUp(ids: readonly string[], options: { readonly greets?: boolean } = {}) {
  scenes += 1
  const names = [`one-${scenes}`, `two-${scenes}`] as const
  const engines = [
    await settlementEngine({ ...options, redisUrl: redis.url, name: names[0], peer: names[1] }),
    await settlementEngine({ ...options, redisUrl: redis.url, name: names[1], peer: names[0] }),
  ] as const
  const toEngine = [await tcpProxy(engines[0].url), await tcpProxy(engines[1].url)] as const
  const nodes = await startNodes(ids, [toEngine[0].url, toEngine[1].url])
  const toConnector = [await tcpProxy(nodes[0].url), await tcpProxy(nodes[1].url)] as const
  onTestFinished(async () => {
    await Promise.all(engines.map(engine => engine.kill()))
    await Promise.all([...toConnector, ...toEngine].map(proxy => proxy.stop()))
  })
  const start = (i: 0 | 1) => engines[i].start(toConnector[i].url)
  await Promise.all([start(0), start(1)])
  // npm's engine drops what comes in for an account that it hasn't been told of yet.
  if (!options.greets) await Promise.all(engines.flatMap(({ url }) => ids.map(id => createAccount(url, id))))
  const restart = async (i: 0 | 1) => {
    await engines[i].kill()
    await start(i)
  }
  return { nodes, engines, toConnector, toEngine, restart }
}

async function createAccount(engineUrl: string, id: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { status } = await fetch(`${engineUrl}/accounts`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ id }),
  })
  expect(status).toBe(201)
}

const eventually = <T>(look: () => T) => expect.poll(look, { interval: 10, timeout: 40_000 })

/** Has a node owe so much more, and know it. */
async function owe(node: Node, id: string, amount: bigint) {
  const account = node.account(id)
  await node.scene.owe(account, amount)
  node.settler.booked(account)
}

test('engines talk to each other through the connectors, when they are told of an account', async () => {
  const { engines, nodes } = await setUp(['alice'], { greets: true })
  await nodes[0].settle()
  await nodes[1].settle()
  for (const [i, engine] of engines.entries()) {
    const names = [engines[i], engines[1 - i]].map(each => each?.name)
    await eventually(engine.output).toContain(
      JSON.stringify({ seenBy: names[1], account: 'alice', message: { from: names[0], to: 'alice' } }),
    )
  }
})

test('what is instructed is credited, though replies are lost and both ends die at every step', async () => {
  const { nodes, restart, toConnector, toEngine } = await setUp(['alice', 'bob'])
  const [one, two] = nodes
  await one.settle()
  await two.settle()
  let instructed = 0n
  const arrives = async (amount: bigint, disturb: () => Promise<unknown> | unknown) => {
    const disturbed = disturb()
    for (const id of ['alice', 'bob']) {
      instructed += amount
      await owe(one, id, amount)
    }
    await disturbed
    await eventually(() => credited(two)).toBe(instructed)
    await eventually(() => one.settler.stats().outbox).toBe(0)
  }
  await arrives(1n, () => {})
  // Requests that don't arrive, arrive in part, aren't answered, are answered in part: in both directions.
  let amount = 10n
  for (const proxy of [toEngine[0], toConnector[1]]) {
    for (const point of [{ toServer: 0 }, { toServer: 100 }, { toClient: 0 }, { toClient: 20 }]) {
      amount += 1n
      await arrives(amount, () => proxy.cutAt(point))
    }
  }
  // The store fails before and behind each of its steps.
  for (const failure of ['before', 'behind'] as const) {
    for (const step of ['acknowledge', 'credit'] as const) {
      const { scene } = step === 'credit' ? two : one
      let left = 2
      scene.fails = asked => (asked === step && left-- > 0 ? failure : undefined)
      await arrives(100n, () => {})
      scene.fails = () => undefined
    }
  }
  // The connector begins anew between its steps.
  for (const step of ['settle', 'acknowledge'] as const) {
    const crash = new Promise<void>(resolve => {
      one.scene.fails = asked => {
        if (asked !== step) return undefined
        one.scene.fails = () => undefined
        resolve(one.settle())
        return 'behind'
      }
    })
    await owe(one, 'alice', 1_000n)
    instructed += 1_000n
    await crash
    await eventually(() => credited(two)).toBe(instructed)
  }
  // The engines die while there is work.
  for (const i of [0, 1] as const) await arrives(10_000n, () => restart(i))
  expect(await Promise.all(['alice', 'bob'].map(id => one.scene.balanceOf(one.account(id))))).toEqual([
    0n,
    0n,
  ])
})

test('settlements both ways end exactly', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => `account-${i}`)
  const { nodes } = await setUp(ids)
  const [one, two] = nodes
  const times = 10
  const theirs = [ids.slice(0, 25), ids.slice(25)] as const
  const sums = [keepOwing(one, two, theirs[0], times), keepOwing(two, one, theirs[1], times)]
  for (const node of nodes) await node.settle()
  // Whatever is owed while a credit is under way may come in one with it: their number says nothing.
  for (const [i, node] of nodes.entries()) await eventually(() => credited(node)).toBe(sums[1 - i])
  for (const node of nodes)
    for (const id of ids) expect(await node.scene.balanceOf(node.account(id))).toBe(0n)
})
