import { describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { tokenOf } from '../support/face.js'
import { account, dialled, local, type Settings } from '../support/settings.js'

const ping = async (node: RunningConnector, body: object) => (await AdminApi.of(node)).post('/ping', body)

/** near, with a link to far that is up. */
async function startPair(accounts: readonly Settings[]): Promise<RunningConnector> {
  const far = await startConnector({
    ilpAddress: 'test.far',
    accounts: [account('near', { relation: 'peer', ilpAddress: 'test.near' })],
  })
  const btp = dialled(far.btpUrl('near'), tokenOf('near'))
  const near = await startConnector({
    ilpAddress: 'test.near',
    accounts: [...accounts, account('far', { relation: 'peer', ilpAddress: 'test.far', btp })],
  })
  await near.linkUp('far')
  return near
}

describe('a ping', () => {
  it('is echoed to a local account, and the books stay as they are', async () => {
    const near = await startPair([local('alice'), account('bob')])
    const { status, body } = await ping(near, { destination: 'test.far', amount: '7' })
    expect([status, body]).toEqual([
      200,
      {
        destination: 'test.far',
        account: 'alice',
        method: 'echo',
        isReached: true,
        roundTripMs: expect.any(Number),
        returned: '7',
        reject: null,
      },
    ])
    expect(await near.balances('alice', 'far')).toEqual({ alice: 0n, far: 0n })
  })

  it('probes an account that sends nothing back', async () => {
    const near = await startPair([local('alice'), local('shop')])
    const body = { destination: 'test.near.shop', method: 'probe', account: 'shop', amount: '5' }
    expect((await ping(near, body)).body).toMatchObject({
      account: 'shop',
      method: 'probe',
      isReached: true,
      returned: null,
      reject: { code: 'F06', triggeredBy: 'test.near.shop' },
    })
    expect((await ping(near, { destination: 'test.far.nobody' })).body).toMatchObject({
      isReached: false,
      reject: { code: 'F02', triggeredBy: 'test.far' },
    })
  })

  it('is a probe of the node itself where it has no local account', async () => {
    const near = await startPair([account('bob')])
    expect((await ping(near, { destination: 'test.far' })).body).toMatchObject({
      account: null,
      method: 'probe',
      isReached: true,
      reject: { triggeredBy: 'test.far' },
    })
    expect((await ping(near, { destination: 'test.far', amount: '1' })).status).toBe(409)
  })

  it.each([
    ['of nobody', { account: 'nobody' }, 404],
    ['of a peer', { account: 'far' }, 409],
    ['to what is no address', { destination: 'far' }, 400],
    ['that takes for ever', { timeoutMs: 30_001 }, 400],
    ['of more than packets carry', { amount: `${2n ** 64n}` }, 400],
  ])('%s is refused', async (_, more, status) => {
    const near = await startPair([local('alice')])
    expect((await ping(near, { destination: 'test.far', ...more })).status).toBe(status)
  })

  it('of an account whose address nobody has told is refused', async () => {
    const node = await startConnector({
      accounts: [account('parent', { relation: 'parent' }), local('alice')],
    })
    const { status, body } = await ping(node, { destination: 'test.far' })
    expect([status, body.detail]).toEqual([409, 'this node does not know its address'])
  })
})
