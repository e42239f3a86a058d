import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settlementEngine } from '@ilp/test-peers'
import { redisProcess } from '@ilp/test-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startConnector } from './support/connector.js'
import { eventually } from './support/eventually.js'
import { tokenOf } from './support/face.js'
import { credentialsOf, payByStream } from './support/payments.js'
import { account, dialled, local, type Settings } from './support/settings.js'

/** A node with an account `link` that is settled through an engine. */
const startNode = (ilpAddress: string, engineUrl: string, link: Settings, more: Settings[] = []) =>
  startConnector({
    ilpAddress,
    settlementListen: '127.0.0.1:0',
    allowVolatileSettlement: true,
    accounts: [
      account('link', {
        relation: 'peer',
        settlement: { engineUrl, settleThreshold: '5000', settleTo: '1000' },
        ...link,
      }),
      ...more,
    ],
  })

describe('two connectors with engines built on npm’s ilp-settlement-core', () => {
  it('settle what packets have brought, though an engine dies on the way', async () => {
    const redis = await redisProcess({ appendOnly: false })
    onTestFinished(redis.stop)
    const near = await settlementEngine({ redisUrl: redis.url, name: 'near', peer: 'far', greets: true })
    const far = await settlementEngine({ redisUrl: redis.url, name: 'far', peer: 'near' })
    onTestFinished(async () => {
      await Promise.all([near.kill(), far.kill()])
    })
    const there = await startNode('test.far', far.url, { ilpAddress: 'test.near' }, [local('alice')])
    const btp = dialled(there.btpUrl('link'), tokenOf('link'))
    const here = await startNode('test.near', near.url, { ilpAddress: 'test.far', btp }, [account('payer')])
    await near.start(here.connector.settlementUrl() ?? '')
    await far.start(there.connector.settlementUrl() ?? '')
    const pay = async (amount: bigint) =>
      payByStream(await here.plugin('payer'), await credentialsOf(there, 'alice'), amount)

    await pay(4_999n)
    expect(await here.balances('link')).toEqual({ link: 4_999n })
    await pay(1n)
    await eventually(() => here.balances('link')).toEqual({ link: 1_000n })
    await eventually(() => there.balances('link')).toEqual({ link: -1_000n })

    await far.kill()
    await pay(10_000n)
    await eventually(() => here.balances('link')).toEqual({ link: 1_000n })
    expect(await there.balances('link')).toEqual({ link: -11_000n })
    await far.start(there.connector.settlementUrl() ?? '')
    await eventually(() => there.balances('link', 'alice')).toEqual({ link: -1_000n, alice: 15_000n })
    // What near's engine had to say came to far's, through both connectors.
    await eventually(near.output).toContain('"seenBy":"far"')
    for (const node of [here, there]) {
      const positions = (await (await node.admin('/positions')).json()) as Record<string, string>[]
      expect(positions.map(({ settled }) => settled)).toEqual([node === here ? '14000' : '-14000'])
    }
  })
})

it('what an engine has received is credited, once for each key', async () => {
  const node = await startNode('test.node', 'http://127.0.0.1:1', {})
  const say = (id: string, key: string, amount: string) =>
    fetch(`${node.connector.settlementUrl()}/accounts/${id}/settlements`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ amount, scale: 9 }),
    })
  expect((await say('link', 'a', '70')).status).toBe(201)
  expect((await say('link', 'a', '70')).status).toBe(201)
  expect((await say('link', 'a', '71')).status).toBe(409)
  expect((await say('nobody', 'b', '70')).status).toBe(404)
  expect(await node.balances('link')).toEqual({ link: 70n })
})

it('a store that can lose what it acknowledged settles nothing, unless that was asked for', async () => {
  const accounts = [account('link', { settlement: { engineUrl: 'http://127.0.0.1:1' } })]
  await expect(startConnector({ ilpAddress: 'test.node', accounts })).rejects.toThrow(
    'set allowVolatileSettlement',
  )
  const folder = await mkdtemp(join(tmpdir(), 'ilp-connector-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await startConnector({ ilpAddress: 'test.node', store: `lmdb:${folder}`, accounts })
})
