import { redisServer } from '@ilp/test-servers'
import { expect, it, onTestFinished } from 'vitest'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { fulfilAll, outcome, send } from './support/packets.js'
import { account, type Settings } from './support/settings.js'

/** Two processes of one node, on one store, each with a link to a payer, to another one, and to a shop. */
async function scene(limits: { payer?: Settings; shop?: Settings }) {
  const server = await redisServer()
  onTestFinished(server.stop)
  const process = async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      store: `${server.url}?prefix=${server.prefix}`,
      accounts: [account('payer', limits.payer), account('other'), account('shop', limits.shop)],
    })
    fulfilAll(await node.plugin('shop'))
    const [payer, other] = [await node.plugin('payer'), await node.plugin('other')]
    const pay = async (units: bigint, from = payer) => outcome(await send(from, 'test.node.shop', units))
    return { pay, payOfOther: (units: bigint) => pay(units, other), node }
  }
  return [await process(), await process()] as const
}

it('an account may move through all processes of a node together what it may move in a minute', async () => {
  const [one, other] = await scene({ payer: { rateLimit: { amountPerMinute: '1000000' } } })
  // A second brings 16,666, and as much may lie with each of the processes.
  expect(await one.pay(600_000n)).toBe('fulfilled')
  expect(await other.pay(600_000n)).toBe('T04')
  // Behind a refusal the store isn't asked again for a tenth of a second.
  await eventually(() => other.pay(300_000n)).toBe('fulfilled')
  expect([await one.pay(300_000n), await other.pay(300_000n)]).toEqual(['T04', 'T04'])
  expect(await other.payOfOther(600_000n)).toBe('fulfilled')
  expect(await one.node.balances('payer', 'other')).toEqual({ payer: -900_000n, other: -600_000n })
})

it('as many packets as an account may send in a minute come through all of them together', async () => {
  const fromMs = performance.now()
  const [one, other] = await scene({ payer: { rateLimit: { packetsPerMinute: 10 } } })
  const outcomes: string[] = []
  for (let i = 0; i < 15; i++) outcomes.push(await one.pay(1n), await other.pay(1n))
  const passed = outcomes.filter(each => each === 'fulfilled').length
  const broughtAtMost = Math.ceil((performance.now() - fromMs) / 6_000)
  expect(passed).toBeGreaterThanOrEqual(10)
  expect(passed).toBeLessThanOrEqual(10 + broughtAtMost)
  expect(new Set(outcomes)).toEqual(new Set(['fulfilled', 'T05']))
})

it('an account is sent through all of them together what may go to it, whoever it comes from', async () => {
  const [one, other] = await scene({ shop: { outgoingRateLimit: { amountPerMinute: '1000000' } } })
  expect(await one.pay(600_000n)).toBe('fulfilled')
  expect(await other.payOfOther(600_000n)).toBe('T04')
  await eventually(() => other.payOfOther(300_000n)).toBe('fulfilled')
})

it('what one process has not used when it stops is there for the others', async () => {
  const [one, other] = await scene({ payer: { rateLimit: { amountPerMinute: '60000000' } } })
  // It has a block of a million more than it needs.
  expect(await one.pay(10_000_000n)).toBe('fulfilled')
  await one.node.connector.stop()
  expect(await other.pay(50_000_000n)).toBe('fulfilled')
})
