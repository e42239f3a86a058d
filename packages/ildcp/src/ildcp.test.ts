import { configRequest, configResponse } from '@ilp/ildcp-packet'
import { type IncomingRequest, Prepare, type Relation } from '@ilp/service-core'
import { scriptedService, testAccount, testFulfill, testPrepare } from '@ilp/service-testing'
import { describe, expect, test } from 'vitest'
import { type IldcpAccount, ildcp } from './ildcp.js'

const child = testAccount('child')
const CONFIGURATION = { address: 'test.node.child', asset: child.asset }
const request = () => configRequest(new Date(Date.now() + 10_000))

function setUp(theirs: string | undefined = 'test.node.child') {
  const inner = scriptedService<IncomingRequest<IldcpAccount>>()
  const service = ildcp({ address: () => 'test.node', addressOf: () => theirs })(inner)
  const ask = (from: IldcpAccount = child, prepare = request()) => service.call({ from, prepare })
  return { ask, inner, service }
}

describe('peer.config', () => {
  test.each(['child', 'local'] as const)('a %s is told its address and asset', async relation => {
    const { ask, inner } = setUp()
    const account = testAccount('x', { relation, asset: { code: 'XRP', scale: 6 } })
    expect(await ask(account)).toEqual(configResponse({ address: 'test.node.child', asset: account.asset }))
    expect(inner.waiting()).toBe(0)
  })

  test.each<Relation>(['peer', 'parent'])('a %s is refused with F02', async relation => {
    const { ask, inner } = setUp()
    const refusal = { code: 'F02', triggeredBy: 'test.node' }
    expect(await ask(testAccount('x', { relation }))).toMatchObject(refusal)
    expect(inner.waiting()).toBe(0)
  })

  test('a request with money is refused, since nobody would book it', async () => {
    expect(await setUp().ask(child, request().with({ units: 1n }))).toMatchObject({ code: 'F00' })
  })

  test('a request under another condition is refused, since it could not be fulfilled', async () => {
    const prepare = testPrepare({ destination: 'peer.config', units: 0n })
    expect(await setUp().ask(child, prepare)).toMatchObject({ code: 'F00' })
  })

  test('a request may carry data', async () => {
    const { expiresAt, executionCondition, destination } = request()
    const data = Buffer.from('a later version')
    const prepare = Prepare.create({ units: 0n, expiresAt, executionCondition, destination, data })
    expect(await setUp().ask(child, prepare)).toEqual(configResponse(CONFIGURATION))
  })

  test('without an address for the child there is none to tell, for now', async () => {
    const service = ildcp({ address: () => '', addressOf: () => undefined })(scriptedService())
    expect(await service.call({ from: child, prepare: request() })).toMatchObject({
      code: 'T01',
      triggeredBy: '',
    })
  })
})

test.each(['peer.configuration', 'peer.config.x', 'peer.route.update', 'test.bob'])(
  'a packet to %s is passed on',
  async destination => {
    const { ask, inner } = setUp()
    const prepare = testPrepare({ destination })
    const reply = ask(child, prepare)
    const call = await inner.next()
    expect(call.request).toEqual({ from: child, prepare })
    call.fulfill()
    expect(await reply).toEqual(testFulfill())
  },
)
