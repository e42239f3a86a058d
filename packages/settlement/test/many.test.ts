import { Agent, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { type FakeEngine, startEngine } from './fake-engine.js'
import { credited, keepOwing, type Node, startNodes } from './node.js'

type Settlement = Parameters<FakeEngine['settling']>

/** Tells a connector of a settlement until it has heard it so many times, as engines do: again where that failed. */
async function tell(
  node: Node,
  agent: Agent,
  times: number,
  [account, key, amount]: Settlement,
): Promise<void> {
  for (let answers = 0; answers < times; ) {
    const asked = request(`${node.url}/accounts/${account}/settlements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ amount, scale: 9 }),
      dispatcher: agent,
    })
    // A connection that was idle for long may be closed the moment that it is used again.
    const response = await asked.catch(() => undefined)
    await response?.body.dump()
    if (response?.statusCode === 201) answers += 1
  }
}

test('10,000 settlements between two connectors end exactly, though replies are lost', async () => {
  const ids = Array.from({ length: 100 }, (_, i) => `account-${i}`)
  const times = 100
  const engines = [await startEngine(), await startEngine()] as const
  const nodes = await startNodes(ids, [engines[0].url, engines[1].url])
  const agent = new Agent({ connections: 16 })
  onTestFinished(() => agent.destroy())
  const told: Promise<void>[] = []
  engines.forEach((engine, i) => {
    let count = 0
    engine.settling = (...settlement) =>
      void told.push(tell(nodes[1 - i] as Node, agent, count % 10 === 0 ? 3 : 1, settlement))
    engine.judge = ({ path }) => {
      if (!path.endsWith('/settlements')) return undefined
      count += 1
      return count % 100 === 0 ? 'lost' : count % 100 === 50 ? 'cut' : undefined
    }
  })
  const [one, two] = nodes
  const sums = [keepOwing(one, two, ids.slice(0, 50), times), keepOwing(two, one, ids.slice(50), times)]
  for (const node of nodes) await node.settle()
  await expect.poll(() => told.length, { interval: 10, timeout: 170_000 }).toBe(ids.length * times)
  await Promise.all(told)
  for (const [i, node] of nodes.entries()) {
    await expect.poll(() => node.scene.outbox(), { interval: 5, timeout: 30_000 }).toBe(0)
    expect(credited(node)).toBe(sums[1 - i])
    expect(engines[i]?.total).toBe(sums[i])
    for (const id of ids) expect(await node.scene.balanceOf(node.account(id))).toBe(0n)
  }
}, 180_000)
