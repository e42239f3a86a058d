import { beforeEach, describe, expect, it } from 'vitest'
import { AdminApi } from '../support/admin-api.js'
import { type RunningConnector, startConnector } from '../support/connector.js'
import { eventually } from '../support/eventually.js'
import { fulfilAll, outcome, send } from '../support/packets.js'
import { account } from '../support/settings.js'

let node: RunningConnector
let api: AdminApi
beforeEach(async () => {
  node = await startConnector({
    ilpAddress: 'test.node',
    accounts: [account('bob'), account('carol')],
    routes: [{ prefix: 'test.file', account: 'bob' }],
  })
  api = await AdminApi.of(node)
})

describe('routes', () => {
  it('say where they lead, and where they came from', async () => {
    expect((await api.get('/routes')).body).toMatchObject([
      { prefix: 'test.file', account: 'bob', origin: 'static', isOfFile: true },
      { prefix: 'test.node', account: null, origin: 'own', isOfFile: false },
      { prefix: 'test.node.bob', account: 'bob', origin: 'account', isOfFile: false },
      { prefix: 'test.node.carol', account: 'carol', origin: 'account', isOfFile: false },
    ])
    expect((await api.get('/routes?origin=account&limit=1')).headers.get('link')).toBe(
      '</routes?limit=1&origin=account&after=test.node.bob>; rel="next"',
    )
  })

  it('are made, led elsewhere, and removed at once', async () => {
    const [bob, carol] = [await node.plugin('bob'), await node.plugin('carol')]
    fulfilAll(carol)
    const far = async () => outcome(await send(bob, 'test.far.shop', 1n))
    expect(await far()).toBe('F02')
    expect(await api.post('/routes', { prefix: 'test.far', account: 'bob' })).toMatchObject({
      status: 201,
      body: { prefix: 'test.far', account: 'bob' },
    })
    expect((await api.post('/routes', { prefix: 'test.far', account: 'carol' })).status).toBe(201)
    await eventually(far).toBe('fulfilled')
    expect((await api.get('/routes?origin=static')).body).toMatchObject([
      { prefix: 'test.far', account: 'carol', isOfFile: false },
      { prefix: 'test.file' },
    ])
    expect((await api.delete('/routes?prefix=test.far')).status).toBe(204)
    await eventually(far).toBe('F02')
    expect((await api.delete('/routes?prefix=test.far')).status).toBe(404)
  })

  it('may be for everything', async () => {
    expect((await api.post('/routes', { prefix: '', account: 'bob' })).status).toBe(201)
    expect((await api.get('/routes?limit=1')).body).toMatchObject([{ prefix: '', account: 'bob' }])
    expect((await api.delete('/routes?prefix=')).status).toBe(204)
  })

  it('of the configuration file, to nobody, or without a good prefix are refused', async () => {
    expect((await api.post('/routes', { prefix: 'test.file', account: 'carol' })).status).toBe(409)
    expect((await api.delete('/routes?prefix=test.file')).status).toBe(409)
    expect((await api.post('/routes', { prefix: 'test.far', account: 'dora' })).status).toBe(404)
    expect((await api.post('/routes', { prefix: 'test.far.', account: 'bob' })).status).toBe(400)
    expect((await api.get('/routes?origin=static')).body).toHaveLength(1)
  })
})
