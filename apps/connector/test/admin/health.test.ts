import { postgresProcess, redisProcess } from '@ilp/test-servers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { tokenOf } from '../support/face.js'
import { fulfilAll, HeldPackets, outcome, send } from '../support/packets.js'
import { account, dialled } from '../support/settings.js'

/** What the two probes answer: the status, and the reason if there is one. */
async function probed({ adminUrl }: Pick<RunningConnector, 'adminUrl'>) {
  const [ready, live] = await Promise.all([fetch(`${adminUrl}/health`), fetch(`${adminUrl}/health/live`)])
  const { detail } = (await ready.json()) as { readonly detail?: string }
  return { ready: ready.status, live: live.status, ...(detail !== undefined && { detail }) }
}

const WELL = { ready: 200, live: 200 }
const STORE_IS_DOWN = { ready: 503, live: 200, detail: 'the store is out of reach' }

const servers = {
  redis: () => redisProcess({ inMemory: true }),
  postgres: () => postgresProcess({ inMemory: true }),
}

describe.each(Object.keys(servers) as (keyof typeof servers)[])('health on %s', name => {
  it('is bad while the store is gone or hangs, and good when it is back', async () => {
    const server = await servers[name]()
    onTestFinished(server.stop)
    const node = await startConnector({
      ilpAddress: 'test.node',
      store: server.url,
      leaseMs: 1_000,
      accounts: [account('alice'), account('bob')],
    })
    const alice = await node.plugin('alice')
    fulfilAll(await node.plugin('bob'))
    const pays = async () => outcome(await send(alice, 'test.node.bob', 1n))
    await eventually(() => probed(node)).toEqual(WELL)
    await eventually(pays).toBe('fulfilled')

    await server.kill()
    await eventually(() => probed(node)).toEqual(STORE_IS_DOWN)
    expect(await pays()).toBe('T00')
    await server.restart()
    await eventually(() => probed(node)).toEqual(WELL)
    await eventually(pays).toBe('fulfilled')

    await server.pause()
    await eventually(() => probed(node)).toEqual(STORE_IS_DOWN)
    expect(await pays()).toBe('T00')
    await server.resume()
    await eventually(() => probed(node)).toEqual(WELL)
    await eventually(pays).toBe('fulfilled')
  })
})

describe('health', () => {
  it('is bad until the parent has told this node its address', async () => {
    const child = await startConnector({
      accounts: [
        account('parent', {
          relation: 'parent',
          http: undefined,
          btp: dialled('ws://127.0.0.1:9/', 'token'),
        }),
      ],
    })
    const detail = 'the parent has not told this node its address'
    expect(await probed(child)).toEqual({ ready: 503, live: 200, detail })
    const parent = await startConnector({ ilpAddress: 'test.parent', accounts: [account('child')] })
    const other = await startConnector({
      accounts: [
        account('parent', {
          relation: 'parent',
          http: undefined,
          btp: dialled(parent.btpUrl('child'), tokenOf('child')),
        }),
      ],
    })
    await eventually(() => probed(other)).toEqual(WELL)
  })

  it('is bad while the node stops, as long as packets in flight take', async () => {
    const node = await startConnector({
      ilpAddress: 'test.node',
      accounts: [account('alice'), account('bob')],
    })
    const held = new HeldPackets(await node.plugin('bob'))
    const reply = send(await node.plugin('alice'), 'test.node.bob', 1n)
    const [packet] = await held.take(1)
    const stopped = node.connector.stop()
    expect(await probed(node)).toEqual({ ready: 503, live: 200, detail: 'this node is stopping' })
    packet?.fulfil()
    expect(outcome(await reply)).toBe('fulfilled')
    await stopped
    await expect(probed(node)).rejects.toThrow()
  })
})
